import { statSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import t from "tap";
import { ByteReader, ByteWriter } from "../bytes.js";
import { FrameDecoder, FrameEncoder, type SocketMessage } from "./frame.js";
import { REQUEST, RESPONSE, readWatchBatch, writeWatch } from "./messages.js";
import { serveStore } from "./test-store.js";

const all = { key: Buffer.from("/"), rangeEnd: Buffer.from("0") };

/** A client that reads only when it is told to. */
function rawClient(socketPath: string, onMessage: (message: SocketMessage) => void) {
  const socket = createConnection(socketPath);
  const decoder = new FrameDecoder(onMessage);
  socket.on("data", (chunk: Buffer) => decoder.push(chunk));
  socket.on("error", () => {});
  return { socket, out: new FrameEncoder((frame) => socket.write(frame)) };
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on("close", () => resolve());
  });
}

void t.test("a watch that is not read misses nothing, and costs no memory", async (t) => {
  const { store, socketPath } = await serveStore(t);
  const seen: number[] = [];
  let done: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const count = 60;
  const { socket, out } = rawClient(socketPath, ({ type, payload }) => {
    if (type !== RESPONSE.watchBatch) return;
    for (const { kv } of readWatchBatch(new ByteReader(payload)).events) seen.push(kv.modRevision);
    if (seen.length === count) done();
  });
  t.teardown(() => {
    socket.destroy();
  });
  out.send(REQUEST.watch, 7, (w) => writeWatch(w, { ...all, fromRevision: 2 }, 2));
  await store.readIndex();
  socket.pause();
  const value = Buffer.alloc(1_000_000, "x");
  for (let i = 0; i < count; i += 1)
    await store.txn({ compares: [], success: [{ type: "put", key: Buffer.from("/a"), value }] });
  t.ok(seen.length < count, "60 MB do not fit between the two");
  socket.resume();
  await finished;
  t.same(
    seen,
    Array.from({ length: count }, (_, i) => i + 2),
  );
});

void t.test("what cannot be read ends the connection, and nothing else", async (t) => {
  const { store, socketPath } = await serveStore(t);
  const frame = (...bytes: number[]): Buffer =>
    new ByteWriter().u32(bytes.length).raw(Buffer.from(bytes)).finish();
  const cases: [string, Buffer][] = [
    ["a version of the future", frame(2, 1, 0, 0, 0, 1, 0, 0, 0, 0)],
    ["an unknown request", frame(1, 99, 0, 0, 0, 1, 0, 0, 0, 0)],
    ["a message cut short", frame(1, 3, 0, 0, 0, 1, 0, 0, 0, 9)],
    ["a proposal that is none", frame(1, 2, 0, 0, 0, 1, 0, 0, 0, 1, 77)],
    ["an endless frame", Buffer.from([255, 255, 255, 255, 1])],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ];
  for (const [name, bytes] of cases) {
    const { socket } = rawClient(socketPath, () => {});
    socket.write(bytes);
    await closed(socket);
    t.pass(name);
  }
  t.equal(await store.readIndex(), 1);
});

void t.test("only its owner may use the socket", async (t) => {
  const { socketPath } = await serveStore(t);
  t.equal(statSync(socketPath).mode & 0o777, 0o600);
});

void t.test("a client that asks too much at once is told so, and nothing is lost", async (t) => {
  const { store } = await serveStore(t);
  const answers = await Promise.allSettled(
    Array.from({ length: 9000 }, () => store.range({ key: Buffer.from("/a") })),
  );
  const refused = answers.filter((one) => one.status === "rejected");
  t.equal(refused.length, 9000 - 8192);
  t.match(refused[0], { reason: { code: "Overloaded" } });
  t.equal((await store.range(all)).count, 0, "and it goes on");
});

void t.test("frames come in pieces of any size", async (t) => {
  const frames: Buffer[] = [];
  const encoder = new FrameEncoder((frame) => frames.push(frame));
  for (let i = 0; i < 5; i += 1) encoder.send(i, i * 1000, (w) => w.raw(Buffer.alloc(i * 7, i)));
  encoder.flush();
  const stream = Buffer.concat([...frames, ...frames]);
  for (const size of [1, 2, 3, 5, 17, 64, 1000]) {
    const found: SocketMessage[] = [];
    const decoder = new FrameDecoder((message) => found.push(message));
    for (let at = 0; at < stream.length; at += size) decoder.push(stream.subarray(at, at + size));
    t.equal(found.length, 10, `pieces of ${size}`);
    t.match(found[9], { type: 4, id: 4000, payload: Buffer.alloc(28, 4) });
  }
});
