import { assert, array, constantFrom, property, record } from "fast-check";
import t from "tap";
import { SortedObjects } from "./sorted-objects.js";

interface Entry {
  readonly key: string;
  readonly value: number;
}

void t.test("agrees with a map that is sorted anew for every question", (t) => {
  const keys = ["/a/x", "/a/y", "/a/z", "/b/x", "/b/xx", "/b/y", "/c/a"];
  const step = record({
    does: constantFrom("put", "put", "put", "delete", "read"),
    key: constantFrom(...keys),
    prefix: constantFrom("/", "/a/", "/b/", "/b/x", "/d/"),
    start: constantFrom("", "/a/y", "/b/xa", "/c/z"),
  });
  const runs = property(array(step, { maxLength: 60 }), (steps) => {
    const sorted = new SortedObjects<Entry>();
    const model = new Map<string, Entry>();
    for (const [value, { does, key, prefix, start }] of steps.entries()) {
      if (does === "put") {
        const entry = { key, value };
        if (model.has(key)) sorted.replace(entry);
        else sorted.add(entry);
        model.set(key, entry);
      } else if (does === "delete") {
        sorted.delete(key);
        model.delete(key);
      } else {
        const expected = [...model.values()]
          .filter((entry) => entry.key.startsWith(prefix) && entry.key >= start)
          .sort((a, b) => (a.key < b.key ? -1 : 1));
        const found = sorted.withPrefix(prefix, start);
        if (JSON.stringify(found) !== JSON.stringify(expected)) return false;
      }
    }
    return true;
  });
  assert(runs, { numRuns: 500 });
  t.end();
});
