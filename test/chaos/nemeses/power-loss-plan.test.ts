import t from "tap";
import type { FsyncRecordLine } from "../../../consensus/main.js";
import { parseRecord, planPowerLoss, recordOfDurable } from "./power-loss-plan.js";

const create = (path: string): FsyncRecordLine => ({ op: "create", path });
const sync = (path: string, size: number): FsyncRecordLine => ({ op: "sync", path, size });
const folder: FsyncRecordLine = { op: "syncFolder", path: "/w" };

void t.test("what was synced stays, what was not goes", (t) => {
  const record = [create("/w/1"), sync("/w/1", 100), folder, sync("/w/1", 150)];
  t.same(planPowerLoss(record, new Map([["/w/1", 150]])), []);
  t.same(planPowerLoss(record, new Map([["/w/1", 180]])), [
    { type: "truncate", path: "/w/1", size: 150 },
  ]);
  const unsynced = [...record, create("/w/2"), sync("/w/2", 10)];
  t.same(
    planPowerLoss(unsynced, new Map([["/w/2", 10]])),
    [{ type: "vanish", path: "/w/2" }],
    "a name that its folder was not synced for",
  );
  t.end();
});

void t.test("a new name counts once its folder was synced", (t) => {
  const made = [create("/w/a.tmp"), sync("/w/a.tmp", 5), folder];
  const renamed: readonly FsyncRecordLine[] = [
    ...made,
    { op: "rename", path: "/w/a.tmp", to: "/w/a" },
  ];
  const sizes = new Map([["/w/a", 5]]);
  t.same(planPowerLoss(renamed, sizes), [{ type: "rename-back", path: "/w/a", to: "/w/a.tmp" }]);
  t.same(planPowerLoss([...renamed, folder], sizes), []);
  const removed: readonly FsyncRecordLine[] = [...renamed, { op: "remove", path: "/w/a" }];
  t.same(planPowerLoss(removed, sizes), [], "a file that is there again is not known");
  t.end();
});

void t.test("after a power loss all that is left is durable", (t) => {
  const left = new Map([
    ["/w/1", 7],
    ["/s/2", 9],
  ]);
  t.same(planPowerLoss(recordOfDurable(left), left), []);
  t.same(planPowerLoss(recordOfDurable(left), new Map([["/w/1", 8]])), [
    { type: "truncate", path: "/w/1", size: 7 },
  ]);
  t.end();
});

void t.test("a record that was cut short is read up to there", (t) => {
  const text = `${JSON.stringify(create("/w/1"))}\n{"op":"sync","pa`;
  t.same(parseRecord(text), [create("/w/1")]);
  t.end();
});
