import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import t, { type Test } from "tap";
import { ManualClock } from "../../base/clock.js";
import { encodeSpdyFrame, type SpdyFrame, SpdyFrameReader } from "./spdy-frame.js";
import { SpdyHeaderEncoder } from "./spdy-headers.js";
import { SpdySession } from "./spdy-session.js";
import type { SpdyStream } from "./spdy-stream.js";
import { realClock } from "./test-clock.js";

interface Pair {
  readonly client: SpdySession;
  readonly server: SpdySession;
  readonly sockets: readonly [Socket, Socket];
}

async function socketPair(t: Test): Promise<readonly [Socket, Socket]> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = await accepted;
  server.close();
  t.teardown(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}

async function pair(t: Test, onStream: (stream: SpdyStream) => void): Promise<Pair> {
  const sockets = await socketPair(t);
  const client = new SpdySession(sockets[0], { role: "client", clock: realClock });
  const server = new SpdySession(sockets[1], { role: "server", clock: realClock, onStream });
  t.teardown(() => {
    client.destroy();
    server.destroy();
  });
  return { client, server, sockets };
}

t.test("streams carry bytes both ways and end on each side", async (t) => {
  const { client } = await pair(t, (stream) => {
    t.same(stream.headers, { streamtype: "echo" });
    stream.pipe(stream);
  });
  const data = Buffer.alloc(3_000_000, "abcdefg");
  const results = await Promise.all(
    [1, 2, 3].map(async () => {
      const { stream, opened } = client.open({ streamtype: "echo" });
      stream.end(data);
      t.equal(await opened, true);
      return createHash("md5")
        .update(await buffer(stream))
        .digest("hex");
    }),
  );
  const wanted = createHash("md5").update(data).digest("hex");
  t.same(results, [wanted, wanted, wanted]);
});

t.test("a stream that nobody reads holds up its sender, not memory", async (t) => {
  let received: SpdyStream | null = null;
  const { client, sockets } = await pair(t, (stream) => {
    received = stream;
  });
  const { stream, opened } = client.open({});
  await opened;
  const totalBytes = 64 * 1024 * 1024;
  const chunk = Buffer.alloc(64 * 1024);
  let sentBytes = 0;
  const paused = once(sockets[1], "pause");
  const write = (): void => {
    while (sentBytes < totalBytes) {
      sentBytes += chunk.length;
      if (!stream.write(chunk)) return void stream.once("drain", write);
    }
    stream.end();
  };
  write();
  await paused;
  const reader = received as SpdyStream | null;
  t.ok(sentBytes < totalBytes, `${sentBytes} bytes on the way`);
  t.ok((reader?.readableLength ?? 0) <= 512 * 1024, "little of it is held");
  let readBytes = 0;
  reader?.on("data", (data: Buffer) => {
    readBytes += data.length;
  });
  if (reader !== null) await once(reader, "end");
  t.equal(readBytes, totalBytes);
});

t.test("windows of a peer that grants them are kept", async (t) => {
  const [near, far] = await socketPair(t);
  const session = new SpdySession(near, { role: "client", clock: realClock });
  const reader = new SpdyFrameReader();
  let dataBytes = 0;
  let answered = (_id: number): void => {};
  far.on("data", (chunk: Buffer) => {
    for (const frame of reader.read(chunk)) {
      if (frame.type === "DATA") dataBytes += frame.data.length;
      if (frame.type === "PING") answered(frame.id);
    }
  });
  // Frames are handled in order: the answer to a ping shows that what came before has had its
  // effect.
  const tell = async (frame: SpdyFrame, id: number): Promise<void> => {
    const answer = new Promise<number>((resolve) => {
      answered = resolve;
    });
    far.write(Buffer.concat([encodeSpdyFrame(frame), encodeSpdyFrame({ type: "PING", id })]));
    t.equal(await answer, id);
  };
  await tell({ type: "SETTINGS", values: new Map([[7, 1000]]) }, 2);
  const { stream } = session.open({});
  stream.write(Buffer.alloc(5000));
  await tell({ type: "WINDOW_UPDATE", streamId: 9, delta: 1 }, 4);
  t.equal(dataBytes, 1000, "the initial window");
  await tell({ type: "WINDOW_UPDATE", streamId: 1, delta: 500 }, 6);
  t.equal(dataBytes, 1500, "what was granted");
  session.destroy();
});

t.test("whatever ends a stream, both sides learn of it", async (t) => {
  const streams: SpdyStream[] = [];
  const { client, server } = await pair(t, (stream) => streams.push(stream));
  const reset = client.open({ n: "reset" });
  await reset.opened;
  streams[0]?.write("last words");
  streams[0]?.destroy();
  t.equal(await text(reset.stream), "last words", "a reset reads as an end, after the data");
  const cut = client.open({ n: "cut" });
  await cut.opened;
  const gone = once(streams[1] as SpdyStream, "close");
  streams[1]?.resume();
  client.destroy();
  await gone;
  await Promise.all([client.closed, server.closed]);
  t.equal(client.streamCount + server.streamCount, 0);
  const late = client.open({});
  t.equal(await late.opened, false, "no stream opens on a closed session");
});

t.test("a stream without somebody to take it is refused", async (t) => {
  const sockets = await socketPair(t);
  const client = new SpdySession(sockets[0], { role: "client", clock: realClock });
  const server = new SpdySession(sockets[1], { role: "server", clock: realClock });
  const { opened } = client.open({});
  t.equal(await opened, false);
  client.destroy();
  await server.closed;
});

t.test("goodbye lets the last bytes through", async (t) => {
  const { client, server } = await pair(t, (stream) => {
    stream.resume();
    stream.end(Buffer.alloc(1_000_000), () => server.close());
  });
  const { stream } = client.open({});
  t.equal((await buffer(stream)).length, 1_000_000);
  await Promise.all([client.closed, server.closed]);
});

t.test("a peer that talks nonsense is cut off; one that is silent too", async (t) => {
  const clock = new ManualClock();
  const [near, far] = await socketPair(t);
  const session = new SpdySession(near, { role: "server", clock });
  far.write(Buffer.alloc(100, 0xff));
  far.resume();
  await session.closed;
  const [near2, far2] = await socketPair(t);
  const silent = new SpdySession(near2, { role: "server", clock });
  const pinged = once(far2, "data");
  clock.advance(30_000);
  await pinged;
  clock.advance(30_000);
  await silent.closed;
  t.pass("both ended");
});

t.test("pings of the peer are answered, stream ids must rise", async (t) => {
  const [near, far] = await socketPair(t);
  const streams: SpdyStream[] = [];
  const session = new SpdySession(near, {
    role: "server",
    clock: realClock,
    onStream: (stream) => streams.push(stream),
  });
  const reader = new SpdyFrameReader();
  const headers = new SpdyHeaderEncoder();
  const syn = (streamId: number): Buffer =>
    encodeSpdyFrame({
      type: "SYN_STREAM",
      streamId,
      fin: false,
      unidirectional: false,
      headerBlock: headers.encode({}),
    });
  far.write(Buffer.concat([syn(3), syn(1), syn(4), encodeSpdyFrame({ type: "PING", id: 5 })]));
  const seen: string[] = [];
  for await (const chunk of far) {
    for (const frame of reader.read(chunk as Buffer))
      seen.push(
        `${frame.type} ${"streamId" in frame ? frame.streamId : "id" in frame ? frame.id : ""}`,
      );
    if (seen.some((name) => name.startsWith("PING"))) break;
  }
  t.same(seen, ["SYN_REPLY 3", "RST_STREAM 1", "RST_STREAM 4", "PING 5"]);
  t.equal(streams.length, 1);
  session.destroy();
});
