import { confStateOf } from "raft-ts";
import t from "tap";
import { encodeProposal, NO_ORIGIN } from "./command.js";
import { memoryMap } from "./memory-map.js";
import { Replica } from "./replica.js";
import { emptyStore } from "./store-loader.js";

/** More than the microtasks between a flush's last look and its end. */
const MICROTASKS_MAX = 12;
const ALONE = confStateOf(["a"]);

function putEntry(index: number) {
  const op = { type: "put", key: Buffer.from(`/${index}`), value: Buffer.from("v") } as const;
  const command = { type: "txn", txn: { compares: [], success: [op] } } as const;
  return { index, term: 1, data: encodeProposal({ origin: NO_ORIGIN, command }) };
}

void t.test("what is applied as a flush ends reaches the map too", async (t) => {
  for (let microtasks = 0; microtasks <= MICROTASKS_MAX; microtasks += 1) {
    const map = memoryMap();
    let wrote = (): void => {};
    const slow = {
      ...map,
      write: async (batch: Parameters<typeof map.write>[0]) => {
        await map.write(batch);
        await new Promise<void>((resolve) => {
          wrote = resolve;
        });
      },
    };
    const replica = new Replica(emptyStore(slow), {
      yieldTurn: () => Promise.resolve(),
      map: slow,
      confState: ALONE,
      onFatal: (error) => t.fail(String(error)),
    });
    replica.apply([putEntry(1)], () => ALONE);
    await nextTurn();
    wrote();
    for (let i = 0; i < microtasks; i += 1) await Promise.resolve();
    replica.apply([putEntry(2)], () => ALONE);
    let isFlushed = false;
    const flushed = replica.flushed().then(() => {
      isFlushed = true;
    });
    for (let turn = 0; turn < 10 && !isFlushed; turn += 1) {
      wrote();
      await nextTurn();
    }
    t.ok(isFlushed, `applied ${microtasks} microtasks after the write`);
    if (isFlushed) await flushed;
    const { at } = await replica.view();
    t.equal(at.index, 2);
  }
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
