import t from "tap";
import { percentOf, resolveFenceposts, scaledValue } from "./intstr.js";

t.test("percentages of a total", (t) => {
  t.equal(scaledValue(3, 10, "up"), 3);
  t.equal(scaledValue("25%", 10, "up"), 3);
  t.equal(scaledValue("25%", 10, "down"), 2);
  t.equal(scaledValue("29%", 100, "up"), 29, "no rounding of what is whole");
  t.equal(scaledValue("http", 10, "up"), null);
  t.equal(percentOf("100%"), 100);
  t.equal(percentOf("-1%"), null);
  t.end();
});

t.test("a rolling update can always go on", (t) => {
  t.strictSame(resolveFenceposts("25%", "25%", 10), { surge: 3, unavailable: 2 });
  t.strictSame(resolveFenceposts("25%", "25%", 2), { surge: 1, unavailable: 0 });
  t.strictSame(resolveFenceposts(0, "1%", 10), { surge: 0, unavailable: 1 });
  t.end();
});
