import { Packr } from "msgpackr";
import t from "tap";
import { decodeFrame, encodeFrame, type Frame } from "./frame-codec.js";
import type { NodeUsage } from "./usage.js";

const USAGE: NodeUsage = {
  atMs: 1_700_000_000_000,
  windowMs: 10_004,
  simulated: false,
  cpuNanoCores: 5_000_000_000,
  memoryBytes: 2 ** 40,
  pods: [
    {
      namespace: "default",
      name: "web-0",
      uid: "6f1c",
      containers: [{ name: "main", cpuNanoCores: 0, memoryBytes: 1 }],
    },
    { namespace: "default", name: "web-1", uid: "6f1d", containers: [] },
  ],
};
const packr = new Packr({ useRecords: false });

function usageWith(change: object): Uint8Array {
  return packr.pack({ v: 1, type: "usage", usage: { ...USAGE, ...change } });
}

t.test("frames come back as they went", (t) => {
  const frames: readonly Frame[] = [
    { type: "hello", node: "node-1", agentVersion: "0.1.0" },
    { type: "welcome", serverVersion: "0.1.0", heartbeatMs: 1000, silenceMs: 4000 },
    { type: "heartbeat", sequence: 7 },
    { type: "bye" },
    { type: "usage", usage: USAGE },
  ];
  for (const frame of frames) {
    t.same(decodeFrame(encodeFrame(frame)), frame, frame.type);
    t.match(
      packr.unpack(encodeFrame(frame)),
      { v: 1, type: frame.type },
      "any MessagePack reads it",
    );
  }
  t.end();
});

t.test("a type of a newer peer is passed over", (t) => {
  t.equal(decodeFrame(packr.pack({ v: 1, type: "gossip", members: [] })), null);
  t.end();
});

t.test("what is no frame is refused", (t) => {
  const cases: readonly [string, Uint8Array][] = [
    ["nothing", new Uint8Array()],
    ["noise", new Uint8Array([0xc1, 0xff])],
    ["a torn frame", encodeFrame({ type: "heartbeat", sequence: 1 }).subarray(0, 8)],
    ["a list", packr.pack([1])],
    ["another version", packr.pack({ v: 2, type: "bye" })],
    ["no type", packr.pack({ v: 1 })],
    ["an empty name", packr.pack({ v: 1, type: "hello", node: "", agentVersion: "1" })],
    [
      "an endless name",
      packr.pack({ v: 1, type: "hello", node: "x".repeat(254), agentVersion: "1" }),
    ],
    ["a number as name", packr.pack({ v: 1, type: "hello", node: 5, agentVersion: "1" })],
    ["no usage", packr.pack({ v: 1, type: "usage" })],
    ["a list as usage", packr.pack({ v: 1, type: "usage", usage: [] })],
    ["no window", usageWith({ windowMs: 0 })],
    ["negative memory", usageWith({ memoryBytes: -1 })],
    ["half a nanocore", usageWith({ cpuNanoCores: 0.5 })],
    ["no pods", usageWith({ pods: null })],
    ["a pod without a name", usageWith({ pods: [{ ...USAGE.pods[0], name: "" }] })],
    ["a container that is none", usageWith({ pods: [{ ...USAGE.pods[0], containers: [7] }] })],
    ["more pods than any node has", usageWith({ pods: Array(5001).fill(USAGE.pods[1]) })],
    ["no sequence", packr.pack({ v: 1, type: "heartbeat" })],
    ["a negative sequence", packr.pack({ v: 1, type: "heartbeat", sequence: -1 })],
    ["half a sequence", packr.pack({ v: 1, type: "heartbeat", sequence: 1.5 })],
  ];
  for (const [name, bytes] of cases) t.throws(() => decodeFrame(bytes), { code: "BadFrame" }, name);
  t.end();
});
