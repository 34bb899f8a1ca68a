import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { withClusterLock } from "./cluster-lock.js";
import { layoutOf } from "./layout.js";

const { signal } = new AbortController();

void t.test("one command at a time works on a cluster", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "rm-lock-"));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const layout = layoutOf(home, "dev");
  const order: string[] = [];
  let finish = (): void => {};
  const first = withClusterLock(layout, { signal }, async () => {
    await new Promise<void>((resolve) => (finish = resolve));
    order.push("first");
  });
  let tell = (_pid: number): void => {};
  const told = new Promise<number>((resolve) => (tell = resolve));
  const second = withClusterLock(layout, { signal, onWait: tell }, async () => {
    order.push("second");
  });
  t.equal(await told, process.pid, "the second one is told who is at work");
  await t.rejects(
    withClusterLock(layout, { signal, waitMs: 0 }, async () => {}),
    { code: "Failed", message: /another raftsman \(pid \d+\) works on this cluster/ },
  );
  finish();
  await Promise.all([first, second]);
  t.same(order, ["first", "second"]);
  t.same(readdirSync(home), [], "nothing is left");
});

void t.test("a dead command holds nothing", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "rm-lock-"));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const layout = layoutOf(home, "dev");
  for (const text of ['{"pid":1,"startTime":"of another process"}', "torn"]) {
    writeFileSync(layout.lockFile, text);
    t.equal(await withClusterLock(layout, { signal }, async () => "ran"), "ran");
    t.notOk(existsSync(layout.lockFile));
  }
});
