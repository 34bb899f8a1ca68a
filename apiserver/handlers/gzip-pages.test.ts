import { gunzipSync } from "node:zlib";
import t from "tap";
import type { CachedObject } from "../storage/resource-cache.js";
import { gzipList } from "./gzip-pages.js";

const HEAD = Buffer.from('{"kind":"List","items":[');
const TAIL = Buffer.from("]}\n");

function object(name: string, revision: number, namespace = "a"): CachedObject {
  const value = Buffer.from(
    JSON.stringify({ metadata: { name, namespace, resourceVersion: String(revision) } }),
  );
  return { key: `/${namespace}/${name}`, namespace, name, value, revision, labels: {}, fields: {} };
}

async function listed(
  objects: readonly CachedObject[],
): Promise<{ readonly text: string; readonly chunks: number; readonly bytes: Buffer }> {
  const chunks: Buffer[] = [];
  await gzipList(
    { head: HEAD, objects, tail: TAIL },
    { chunkBytes: 1_000, emit: async (chunk) => void chunks.push(chunk) },
  );
  const bytes = Buffer.concat(chunks);
  return { text: gunzipSync(bytes).toString(), chunks: chunks.length, bytes };
}

function plain(objects: readonly CachedObject[]): string {
  const items = objects.map(({ value }) => value.toString()).join(",");
  return `${HEAD.toString()}${items}${TAIL.toString()}`;
}

void t.test("any list is what it would be without compression", async (t) => {
  for (const count of [0, 1, 2, 63, 64, 65, 500]) {
    const objects = Array.from({ length: count }, (_, n) => object(`o-${n}`, n + 1));
    t.equal((await listed(objects)).text, plain(objects), `${count} objects`);
    t.equal((await listed(objects)).text, plain(objects), `${count} objects again`);
  }
});

void t.test("what changes, comes and goes is seen, wherever it is", async (t) => {
  let seed = 7;
  const next = (bound: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % bound;
  };
  let revision = 1_000;
  const objects = Array.from({ length: 300 }, (_, n) =>
    object(`o-${String(n).padStart(4, "0")}`, n + 1, n < 100 ? "a" : "b"),
  );
  await listed(objects);
  for (let round = 0; round < 60; round += 1) {
    for (let change = next(4); change >= 0; change -= 1) {
      const at = next(objects.length);
      const old = objects[at];
      if (old === undefined) continue;
      revision += 1;
      const fresh = object(next(3) === 0 ? `${old.name}x` : old.name, revision, old.namespace);
      const removed = fresh.name === old.name ? 1 : 0;
      const added = removed === 1 && next(3) === 0 ? [] : [fresh];
      objects.splice(at + 1 - removed, removed, ...added);
    }
    const part = objects.filter(({ namespace }) => namespace === "b");
    t.equal((await listed(objects)).text, plain(objects), `round ${round}`);
    t.equal((await listed(part)).text, plain(part), `round ${round}, one namespace`);
  }
});

void t.test("two of one revision are told apart by their keys", async (t) => {
  const [a, b, c] = [object("a", 5), object("b", 5), object("c", 5)];
  t.equal((await listed([a, b])).text, plain([a, b]));
  t.equal((await listed([a, c])).text, plain([a, c]));
});

void t.test("what did not change is not compressed again", async (t) => {
  const objects = Array.from({ length: 6_400 }, (_, n) => object(`o-${n}`, n + 1));
  const cost = async (): Promise<number> => {
    const before = process.cpuUsage();
    for (let n = 0; n < 5; n += 1) await listed(objects);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const many = await listed(objects);
  t.ok(many.chunks > 5, "in chunks");
  t.ok(many.bytes.length < plain(objects).length / 3, "smaller");
  await cost();
  const warm = await cost();
  const fresh = Array.from({ length: 5 }, () => objects.map((each) => ({ ...each })));
  const before = process.cpuUsage();
  for (const list of fresh) await listed(list);
  const { user, system } = process.cpuUsage(before);
  t.ok(warm * 2 < user + system, `warm ${warm} µs, cold ${user + system} µs`);
});
