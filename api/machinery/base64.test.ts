import fc from "fast-check";
import t from "tap";
import { canonicalBase64, decodeBase64, encodeBase64 } from "./base64.js";

t.test("agrees with the host's base64", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      const text = Buffer.from(bytes).toString("base64");
      return encodeBase64(bytes) === text && Buffer.from(decodeBase64(text) ?? "x").equals(bytes);
    }),
  );
  t.end();
});

t.test("where a text goes wrong, as Go counts", (t) => {
  t.strictSame(canonicalBase64("YW\r\nI="), { ok: true, text: "YWI=" });
  const table: readonly (readonly [string, number])[] = [
    ["YWI", 0],
    ["YW I", 2],
    ["YW=I", 4],
    ["Y===", 1],
    ["YWIäYWI=", 3],
    ["YWI=YWI=", 4],
  ];
  for (const [text, at] of table) t.strictSame(canonicalBase64(text), { ok: false, at }, text);
  t.equal(decodeBase64("YWI"), null);
  t.end();
});
