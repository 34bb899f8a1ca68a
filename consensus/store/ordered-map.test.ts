import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openLevelMap } from "./level-map.js";
import { memoryMap } from "./memory-map.js";
import type { MapPair, OrderedMap } from "./ordered-map.js";

type Open = (t: { teardown(run: () => Promise<void>): void }) => Promise<OrderedMap>;

const IMPLEMENTATIONS: Record<string, Open> = {
  memory: async () => memoryMap(),
  LevelDB: async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "raftsman-map-"));
    const map = await openLevelMap(folder);
    t.teardown(async () => {
      await map.close();
      rmSync(folder, { recursive: true });
    });
    return map;
  },
};

const b = (text: string): Buffer => Buffer.from(text, "latin1");
const texts = (pairs: readonly MapPair[]): string[] =>
  pairs.map(([key, value]) => `${key.toString("latin1")}=${value.toString("latin1")}`);

for (const [name, open] of Object.entries(IMPLEMENTATIONS)) {
  void t.test(name, async (t) => {
    void t.test("reads what was written, and nothing of what was deleted", async (t) => {
      const map = await open(t);
      t.equal(map.get(b("a")), undefined);
      await map.write([
        { key: b("a"), value: b("1") },
        { key: b("b"), value: b("") },
      ]);
      t.same(map.get(b("a")), b("1"));
      t.same(map.get(b("b")), b(""));
      await map.write([{ key: b("a"), value: null }]);
      t.equal(map.get(b("a")), undefined);
    });

    void t.test("the last write of a batch to a key counts", async (t) => {
      const map = await open(t);
      await map.write([
        { key: b("a"), value: b("1") },
        { key: b("a"), value: null },
        { key: b("a"), value: b("2") },
      ]);
      t.same(map.get(b("a")), b("2"));
    });

    void t.test(
      "scans in byte order, from the first to before the end, up to a limit",
      async (t) => {
        const map = await open(t);
        const keys = ["b", "\xff", "a\0", "a", "\x7f", "aa", "\x80"];
        await map.write(keys.map((key) => ({ key: b(key), value: b("v") })));
        const scan = async (from: string, end: string, limit = 100, limitBytes = 1000) =>
          texts(await map.scan({ from: b(from), end: b(end), limit, limitBytes }));
        t.same(await scan("a", "b"), ["a=v", "a\0=v", "aa=v"]);
        t.same(await scan("\x7f", "\xff\xff"), ["\x7f=v", "\x80=v", "\xff=v"]);
        t.same(await scan("a", "b", 2), ["a=v", "a\0=v"]);
        t.same(await scan("c", "d"), []);
        t.same(await scan("a", "b", 9, 3), ["a=v", "a\0=v"], "what reaches the limit counts");
      },
    );

    void t.test("a view stays as it was", async (t) => {
      const map = await open(t);
      await map.write([{ key: b("a"), value: b("1") }]);
      const view = map.view();
      await map.write([
        { key: b("a"), value: b("2") },
        { key: b("b"), value: b("2") },
      ]);
      t.same(texts(await view.scan({ from: b("a"), end: b("z"), limit: 9, limitBytes: 99 })), [
        "a=1",
      ]);
      await view.close();
    });
  });
}
