import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { realClock } from "../../api/streaming/test-clock.js";
import { sortableTimestamp } from "./log-line.js";
import { type LogRequest, readLog } from "./log-reader.js";

const at = (second: number): string => `2026-11-20T10:00:${String(second).padStart(2, "0")}.5Z`;
const full = (second: number, text: string): string => `${at(second)} stdout F ${text}\n`;
const part = (second: number, text: string): string => `${at(second)} stderr P ${text}\n`;

const PLAIN: Omit<LogRequest, "path"> = {
  follow: false,
  timestamps: false,
  tailLines: null,
  limitBytes: null,
  since: null,
};

async function folder(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "raftsman-log-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function readAll(request: LogRequest): Promise<string> {
  const deps = {
    clock: realClock,
    isRunning: () => Promise.resolve(false),
    signal: new AbortController().signal,
  };
  let text = "";
  for await (const chunk of readLog(request, deps)) text += chunk.toString();
  return text;
}

t.test("what of a log is shown", async (t) => {
  const dir = await folder(t);
  const path = join(dir, "0.log");
  await writeFile(join(dir, "0.log.20261120-100001.gz"), gzipSync(full(1, "one") + full(2, "two")));
  await writeFile(join(dir, "0.log.20261120-100003"), full(3, "three"));
  await writeFile(
    path,
    `${part(4, "fo")}${part(4, "u")}${full(4, "r")}not a record\n${full(5, "")}${full(6, "six")}`,
  );
  const cases: readonly [string, Partial<LogRequest>, string][] = [
    ["all, rotated files first", {}, "one\ntwo\nthree\nfour\n\nsix\n"],
    ["no line", { tailLines: 0 }, ""],
    ["the last", { tailLines: 1 }, "six\n"],
    ["a line in parts is one line", { tailLines: 3 }, "four\n\nsix\n"],
    ["from the rotated file", { tailLines: 4 }, "three\nfour\n\nsix\n"],
    ["from the compressed file", { tailLines: 5 }, "two\nthree\nfour\n\nsix\n"],
    ["more than there is", { tailLines: 99 }, "one\ntwo\nthree\nfour\n\nsix\n"],
    ["since", { since: sortableTimestamp(at(3)) }, "three\nfour\n\nsix\n"],
    ["since and tail", { since: sortableTimestamp(at(5)), tailLines: 3 }, "\nsix\n"],
    ["not more than so many bytes", { limitBytes: 9 }, "one\ntwo\nt"],
    [
      "with timestamps",
      { timestamps: true, tailLines: 3 },
      "2026-11-20T10:00:04.500000000Z four\n2026-11-20T10:00:05.500000000Z \n" +
        "2026-11-20T10:00:06.500000000Z six\n",
    ],
  ];
  for (const [what, options, wanted] of cases)
    t.equal(await readAll({ ...PLAIN, path, ...options }), wanted, what);
  t.equal(await readAll({ ...PLAIN, path: join(dir, "none", "0.log") }), "", "no file");
});

t.test("a tail of lines longer than a block", async (t) => {
  const path = join(await folder(t), "0.log");
  const lines = Array.from({ length: 30 }, (_, i) => `${i}-${"x".repeat(10_000 + i)}`);
  await writeFile(path, lines.map((line) => full(1, line)).join(""));
  for (const tailLines of [1, 5, 13, 29, 30])
    t.equal(
      await readAll({ ...PLAIN, path, tailLines }),
      lines
        .slice(-tailLines)
        .map((line) => `${line}\n`)
        .join(""),
      `${tailLines}`,
    );
});

t.test("what is written while it is read is not shown, unless it is followed", async (t) => {
  const path = join(await folder(t), "0.log");
  const lines = Array.from({ length: 30 }, (_, i) => `${i}-${"x".repeat(10_000)}`);
  for (const tailLines of [null, 20]) {
    await writeFile(path, lines.map((line) => full(1, line)).join(""));
    const deps = {
      clock: realClock,
      isRunning: () => Promise.resolve(true),
      signal: new AbortController().signal,
    };
    const log = readLog({ ...PLAIN, path, tailLines }, deps);
    let text = (await log.next()).value?.toString() ?? "";
    await appendFile(path, full(2, "late"));
    for await (const chunk of log) text += chunk.toString();
    t.equal(text.trimEnd().split("\n").length, tailLines ?? lines.length, `tail ${tailLines}`);
    t.notMatch(text, "late");
  }
});

t.test("following, over a rotation, until the container has ended", async (t) => {
  const dir = await folder(t);
  const path = join(dir, "0.log");
  await writeFile(path, full(1, "old") + full(2, "last"));
  let running = true;
  const gone = new AbortController();
  const log = readLog(
    { ...PLAIN, path, follow: true, tailLines: 1 },
    { clock: realClock, isRunning: () => Promise.resolve(running), signal: gone.signal },
  );
  const next = async (): Promise<string> => {
    const { value } = await log.next();
    return value === undefined ? "" : value.toString();
  };
  t.equal(await next(), "last\n");
  await appendFile(path, full(3, "three"));
  t.equal(await next(), "three\n");
  await appendFile(path, full(4, "four"));
  await rename(path, `${path}.20261120-100004`);
  await writeFile(path, full(5, "five"));
  t.equal(await next(), "four\n", "the rest of the old file");
  t.equal(await next(), "five\n", "then the new one");
  running = false;
  await appendFile(path, full(6, "six"));
  t.equal(await next(), "six\n", "what was written before the end");
  t.equal((await log.next()).done, true, "and no more");
});

t.test("a follower that leaves ends the reading", async (t) => {
  const path = join(await folder(t), "0.log");
  await writeFile(path, full(1, "one"));
  const gone = new AbortController();
  const log = readLog(
    { ...PLAIN, path, follow: true },
    { clock: realClock, isRunning: () => Promise.resolve(true), signal: gone.signal },
  );
  await log.next();
  const end = log.next();
  gone.abort();
  t.equal((await end).done, true);
});

t.test("timestamps sort as text", (t) => {
  for (const [written, wanted] of [
    ["2026-11-20T10:00:00Z", "2026-11-20T10:00:00.000000000Z"],
    ["2026-11-20T10:00:00.123456789Z", "2026-11-20T10:00:00.123456789Z"],
    ["2026-11-20T12:30:00.5+02:30", "2026-11-20T10:00:00.500000000Z"],
    ["2026-11-20 10:00:00Z", null],
    ["yesterday", null],
  ] as const)
    t.equal(sortableTimestamp(written), wanted, written);
  t.end();
});
