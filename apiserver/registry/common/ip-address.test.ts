import t from "tap";
import { parseCidr, parseIp } from "./ip-address.js";

void t.test("addresses", (t) => {
  const good: readonly (readonly [string, "IPv4" | "IPv6", number])[] = [
    ["10.0.0.1", "IPv4", 4],
    ["010.0.0.1", "IPv4", 4],
    ["::", "IPv6", 16],
    ["::1", "IPv6", 16],
    ["fd00::", "IPv6", 16],
    ["2001:db8:0:1:2:3:4:5", "IPv6", 16],
    ["::ffff:10.0.0.1", "IPv4", 4],
    ["64:ff9b::10.0.0.1", "IPv6", 16],
  ];
  for (const [text, family, length] of good) {
    const parsed = parseIp(text);
    t.equal(parsed?.family, family, text);
    t.equal(parsed?.bytes.length, length, text);
  }
  for (const text of ["", "10.0.0", "10.0.0.256", "1.2.3.4.5", ":", ":::", "1::2::3", "1:2", "g::"])
    t.equal(parseIp(text), null, text);
  for (const text of ["1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "a", "1.2.3.x", ":1:2:3:4:5:6:7"])
    t.equal(parseIp(text), null, text);
  t.end();
});

void t.test("networks", (t) => {
  t.equal(parseCidr("10.0.0.0/8")?.prefix, 8);
  t.equal(parseCidr("fd00::/64")?.family, "IPv6");
  for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "/8", "fd00::/129", "10.0.0.0/a"])
    t.equal(parseCidr(text), null, text);
  t.end();
});
