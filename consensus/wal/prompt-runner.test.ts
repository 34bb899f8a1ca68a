import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { AppendDisk, type DiskRequest } from "./append-disk.js";
import { inlineRunner } from "./disk-runner.js";
import { nodeFileSystem } from "./node-file-system.js";
import { promptRunner } from "./prompt-runner.js";

const CALM = 100;

/** A log's folder, written by a runner whose disk takes `syncMs` for each sync. */
class Bench {
  readonly folder: string;
  syncMs = 1;
  mayWait = true;
  /** What the thread was asked. */
  readonly byThread: DiskRequest[] = [];
  private nowMs = 0;
  private readonly runner;
  private written = 0;

  constructor(t: Test) {
    this.folder = mkdtempSync(join(tmpdir(), "raftsman-prompt-"));
    t.teardown(() => rmSync(this.folder, { recursive: true }));
    const real = nodeFileSystem({ fsync: false });
    const files: typeof real = {
      ...real,
      open: (path, mode) => {
        const file = real.open(path, mode);
        return {
          ...file,
          fdatasync: () => {
            this.nowMs += this.syncMs;
          },
        };
      },
    };
    const { folder } = this;
    const thread = inlineRunner(new AppendDisk(files, { folder, name: null }));
    const watched = {
      ...thread,
      run: (request: DiskRequest) => {
        this.byThread.push(request);
        return thread.run(request);
      },
    };
    this.runner = promptRunner(watched, {
      files,
      folder,
      name: null,
      mayWait: () => this.mayWait,
      monotonicMs: () => this.nowMs,
    });
  }

  create(name: string): Promise<void> {
    return this.runner.run({ type: "create", name, bytes: Buffer.from("head\n") });
  }

  /** Whether the thread was asked for it. */
  async append(length = 10): Promise<boolean> {
    const asked = this.byThread.length;
    this.written += 1;
    const line = `${this.written} `.padEnd(length - 1, ".");
    await this.runner.run({ type: "append", bytes: Buffer.from(`${line}\n`) });
    return this.byThread.length > asked;
  }

  async calm(): Promise<void> {
    for (let n = 0; n < CALM; n += 1) await this.append();
  }

  linesOf(name: string): string[] {
    return readFileSync(join(this.folder, name), "utf8").trimEnd().split("\n");
  }

  close(): Promise<void> {
    return this.runner.close();
  }
}

void t.test("who writes", async (t) => {
  const bench = new Bench(t);
  await bench.create("1.wal");
  for (let n = 0; n < CALM; n += 1)
    t.equal(await bench.append(), true, "the thread, as long as the disk is not known to be quick");
  t.equal(await bench.append(), false, "on the spot");
  t.equal(await bench.append(8 * 1024), false);
  t.equal(await bench.append(8 * 1024 + 1), true, "what is large");
  bench.mayWait = false;
  t.equal(await bench.append(), true, "others wait for us");
  bench.mayWait = true;
  t.equal(await bench.append(), false);
  bench.syncMs = 6;
  t.equal(await bench.append(), false, "that it stalls is known afterwards");
  t.equal(await bench.append(), true);
  bench.syncMs = 5;
  await bench.calm();
  t.equal(await bench.append(), false, "quick again");
  await bench.close();
});

void t.test("the file holds everything in order, and so does the next one", async (t) => {
  const bench = new Bench(t);
  await bench.create("1.wal");
  await bench.calm();
  for (let n = 0; n < 30; n += 1) {
    bench.mayWait = n % 3 > 0;
    await bench.append();
  }
  await bench.create("2.wal");
  for (let n = 0; n < 30; n += 1) {
    bench.mayWait = n % 2 > 0;
    await bench.append();
  }
  await bench.close();
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
  const first = bench.linesOf("1.wal").map((line) => line.split(" ")[0]);
  t.same(first, ["head", ...numbers(1, CALM + 30)]);
  const second = bench.linesOf("2.wal").map((line) => line.split(" ")[0]);
  t.same(second, ["head", ...numbers(CALM + 31, CALM + 60)]);
});

void t.test("what the disk throws is what the caller gets", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-prompt-"));
  const files = nodeFileSystem({ fsync: false });
  const thread = { run: async () => {}, close: async () => {} };
  const deps = { files, folder, name: "1.wal", mayWait: () => true, monotonicMs: () => 0 };
  const runner = promptRunner(thread, deps);
  const append = (): Promise<void> => runner.run({ type: "append", bytes: Buffer.from("x\n") });
  for (let n = 0; n < CALM; n += 1) await append();
  rmSync(folder, { recursive: true });
  await t.rejects(append(), { code: "ENOENT" });
  await runner.close();
});
