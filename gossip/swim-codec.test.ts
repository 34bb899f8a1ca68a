import { Packr } from "msgpackr";
import t from "tap";
import type { SwimMessage, Update } from "./swim/types.js";
import { sizeOf } from "./swim/broadcasts.js";
import { decodeSwim, encodeSwim } from "./swim-codec.js";

const packr = new Packr({ useRecords: false });
const UPDATES: readonly Update[] = [
  { type: "alive", name: "node:a", incarnation: 3, address: "192.0.2.1:10250" },
  { type: "suspect", name: "node:b", incarnation: 0, from: "node:a" },
  { type: "dead", name: "node:c", incarnation: 2 ** 33, from: "node:b" },
  { type: "left", name: "node:d", incarnation: 1 },
];

t.test("messages come back as they went", (t) => {
  const messages: readonly SwimMessage[] = [
    { type: "ping", seq: 1, updates: [] },
    { type: "ping-req", seq: 2, target: "node:a", updates: UPDATES },
    { type: "ack", seq: 3, updates: UPDATES },
    { type: "nack", seq: 4, updates: [] },
    { type: "gossip", updates: UPDATES },
    { type: "push-pull", digests: [0, 2 ** 32 - 1], updates: [] },
    { type: "state", want: [0, 63], updates: UPDATES },
  ];
  for (const message of messages) {
    t.same(decodeSwim(encodeSwim(message)), message, message.type);
    t.match(packr.unpack(encodeSwim(message)), { v: 1, type: message.type });
  }
  t.end();
});

t.test("the estimate of an update is near its size, and above", (t) => {
  const empty = encodeSwim({ type: "gossip", updates: [] }).length;
  for (const update of UPDATES) {
    const size = encodeSwim({ type: "gossip", updates: [update] }).length - empty;
    t.ok(sizeOf(update) > size - 12 && sizeOf(update) < size + 40, `${sizeOf(update)}, ${size}`);
  }
  t.end();
});

t.test("what a newer member says is passed over", (t) => {
  t.equal(decodeSwim(packr.pack({ v: 1, type: "dance" })), null);
  const updates = [{ type: "resting", name: "a", incarnation: 1 }, UPDATES[3]];
  t.same(decodeSwim(packr.pack({ v: 1, type: "gossip", updates })), {
    type: "gossip",
    updates: [UPDATES[3]],
  });
  t.end();
});

t.test("what is no frame is refused", (t) => {
  const gossip = (update: unknown): Uint8Array =>
    packr.pack({ v: 1, type: "gossip", updates: [update] });
  const cases: readonly [string, Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["noise", new Uint8Array([0xc1])],
    ["a list", packr.pack([1])],
    ["another version", packr.pack({ v: 2, type: "ping", seq: 1 })],
    ["no type", packr.pack({ v: 1 })],
    ["no number", packr.pack({ v: 1, type: "ping" })],
    ["half a number", packr.pack({ v: 1, type: "ack", seq: 0.5 })],
    ["no target", packr.pack({ v: 1, type: "ping-req", seq: 1 })],
    ["digests that are none", packr.pack({ v: 1, type: "push-pull", digests: ["a"] })],
    ["endless digests", packr.pack({ v: 1, type: "push-pull", digests: Array(2000).fill(1) })],
    ["updates that are none", packr.pack({ v: 1, type: "gossip", updates: {} })],
    [
      "endless updates",
      packr.pack({ v: 1, type: "gossip", updates: Array(5000).fill(UPDATES[0]) }),
    ],
    ["an update without a name", gossip({ ...UPDATES[0], name: "" })],
    ["an endless name", gossip({ ...UPDATES[0], name: "x".repeat(600) })],
    ["an address that is none", gossip({ ...UPDATES[0], address: 5 })],
    ["a negative incarnation", gossip({ ...UPDATES[0], incarnation: -1 })],
    ["an incarnation that cannot be refuted", gossip({ ...UPDATES[0], incarnation: 2 ** 52 })],
    ["a suspicion of nobody's", gossip({ ...UPDATES[1], from: "" })],
    ["no update", gossip(null)],
  ];
  for (const [name, bytes] of cases) t.throws(() => decodeSwim(bytes), { code: "BadFrame" }, name);
  t.end();
});
