import t from "tap";
import { halfTaken, listSnapshots, snapshotName } from "./snapshot-file.js";

void t.test("what is left of a snapshot that failed is not what is being received", async (t) => {
  const whole = snapshotName({ index: 7, term: 2 });
  const newer = snapshotName({ index: 12, term: 3 });
  const names = [`incoming-${newer}.tmp`, whole, newer, `${newer}.tmp`, "x.tmp"];
  t.same(halfTaken(names), [`${newer}.tmp`]);
  t.same(
    listSnapshots(names).map(({ name }) => name),
    [newer, whole],
  );
});
