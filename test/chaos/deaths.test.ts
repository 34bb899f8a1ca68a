import t from "tap";
import { unexplainedDeaths } from "./deaths.js";

const before = new Map([
  ["server-1 consensus", 10],
  ["server-1 api", 11],
  ["server-2 consensus", 20],
]);
const changed = (key: string, pid: number | null): Map<string, number> => {
  const after = new Map(before);
  if (pid === null) after.delete(key);
  else after.set(key, pid);
  return after;
};

void t.test("what runs on, or is new, is no death", (t) => {
  t.equal(unexplainedDeaths(before, before), null);
  t.equal(unexplainedDeaths(before, changed("server-2 api", 21)), null);
  t.end();
});

void t.test("a process that is gone or another one died, unless its server was attacked", (t) => {
  const gone = changed("server-2 consensus", null);
  t.equal(unexplainedDeaths(before, gone), "server-2 consensus (pid 20) ended by itself");
  t.equal(unexplainedDeaths(before, gone, ["server-2"]), null);
  const replaced = changed("server-1 api", 99);
  t.equal(
    unexplainedDeaths(before, replaced, ["server-2"]),
    "server-1 api (pid 11) ended by itself",
  );
  t.end();
});
