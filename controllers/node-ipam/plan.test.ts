import t from "tap";
import { parseRange, PodCidrPool } from "./plan.js";

t.test("ranges are given out once and come back", (t) => {
  const pool = new PodCidrPool("10.244.0.0/22", 24);
  t.equal(pool.allocate("a"), "10.244.0.0/24");
  t.equal(pool.allocate("a"), "10.244.0.0/24", "asked again");
  t.equal(pool.allocate("b"), "10.244.1.0/24");
  pool.release("a");
  t.equal(pool.allocate("c"), "10.244.2.0/24", "one just given back is not next");
  t.equal(pool.allocate("d"), "10.244.3.0/24");
  t.equal(pool.allocate("e"), "10.244.0.0/24");
  t.equal(pool.allocate("f"), null, "none left");
  pool.release("nobody");
  t.equal(pool.free, 0);
  t.end();
});

t.test("a new loop learns from the nodes", (t) => {
  const pool = new PodCidrPool("10.244.0.0/16", 24);
  t.equal(pool.occupy("a", "10.244.0.0/24"), true);
  t.equal(pool.occupy("a", "10.244.0.0/24"), true, "told twice");
  t.equal(pool.occupy("b", "10.244.0.0/24"), false, "taken");
  t.equal(pool.occupy("b", "10.245.0.0/24"), false, "of another cluster");
  t.equal(pool.occupy("b", "10.244.1.0/25"), false, "of another size");
  t.equal(pool.occupy("b", "nonsense"), false);
  t.equal(pool.allocate("c"), "10.244.1.0/24");
  t.equal(pool.free, 254);
  t.end();
});

t.test("ranges are read strictly", (t) => {
  t.same(parseRange("10.244.1.0/24"), { address: 0x0af40100, prefix: 24 });
  for (const bad of [
    "10.244.1.1/24",
    "10.244.1.0",
    "10.244.1.0/33",
    "256.0.0.0/8",
    "fd00::/64",
    "",
  ])
    t.equal(parseRange(bad), null, bad);
  t.end();
});
