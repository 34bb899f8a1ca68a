import t from "tap";
import {
  ERROR,
  FLAG,
  FRAME,
  type Frame,
  FrameReader,
  frameOf,
  numberFrame,
  SETTING,
  settingsFrame,
} from "./frame.js";
import { encodeHeaders, type HeaderList } from "./hpack.js";
import type { RequestHead } from "./request.js";
import { ServerConnection } from "./server-connection.js";
import type { ServerStream } from "./stream.js";

const LIMITS = {
  streamsMax: 3,
  streamWindowBytes: 1000,
  connectionWindowBytes: 100_000,
  backlogBytesMax: 50_000,
};
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const POST: HeaderList = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/a"],
];
const LAST = FLAG.endHeaders | FLAG.endStream;
const OK = encodeHeaders([[":status", "200"]]);
const END = encodeHeaders([["x-end", "yes"]]);

/** A connection, what it sent, and the requests that came. */
class Bench {
  readonly requests: { readonly stream: ServerStream; readonly head: RequestHead | null }[] = [];
  readonly heard: string[] = [];
  backlog = 0;
  private readonly sent: Frame[] = [];
  private readonly connection: ServerConnection;

  constructor() {
    const reader = new FrameReader();
    this.connection = new ServerConnection(LIMITS, {
      send: (bytes) => reader.push(bytes, (frame) => this.sent.push(frame)),
      backlogBytes: () => this.backlog,
      onStream: (stream, head) => {
        this.requests.push({ stream, head });
        const note = (text: string): void => void this.heard.push(`${stream.id} ${text}`);
        stream.events = {
          onData: (bytes) => note(`data ${bytes.length}`),
          onEnd: () => note("end"),
          onClose: () => note("close"),
        };
      },
    });
    this.receive(PREFACE, settingsFrame([]));
    this.take();
  }

  receive(...frames: readonly Buffer[]): boolean {
    return frames.map((bytes) => this.connection.receive(bytes)).every(Boolean);
  }

  resume(): void {
    this.connection.resume();
  }

  goAway(): void {
    this.connection.goAway();
  }

  /** What was sent since the last time: type, stream and length, or the code of an error. */
  take(): string[] {
    const names = Object.entries(FRAME);
    return this.sent.splice(0).map(({ type, flags, streamId, payload }) => {
      const name = names.find(([, known]) => known === type)?.[0] ?? type;
      if (type === FRAME.goAway) return `goAway ${payload.readUInt32BE(4)}`;
      if (type === FRAME.reset) return `reset ${streamId} ${payload.readUInt32BE(0)}`;
      if (type === FRAME.windowUpdate) return `window ${streamId} ${payload.readUInt32BE(0)}`;
      const isStream = type === FRAME.headers || type === FRAME.data;
      const end = isStream && (flags & FLAG.endStream) !== 0 ? " end" : "";
      return `${name} ${streamId} ${payload.length}${end}`;
    });
  }
}

const open = (streamId: number, flags: number = FLAG.endHeaders, headers = POST): Buffer =>
  frameOf(FRAME.headers, { flags, streamId }, encodeHeaders(headers));
const data = (streamId: number, sizeBytes: number, flags = 0): Buffer =>
  frameOf(FRAME.data, { flags, streamId }, Buffer.alloc(sizeBytes));

t.test("a request, its answer, and the end of both", async (t) => {
  const bench = new Bench();
  bench.receive(open(1), data(1, 5), data(1, 0, FLAG.endStream));
  t.match(bench.requests[0]?.head, { method: "POST", path: "/a", contentLength: null });
  bench.requests[0]?.stream.whole(OK, Buffer.from("hello"), END);
  t.same(bench.take(), ["headers 1 1", "data 1 5", `headers 1 ${END.length} end`]);
  t.same(bench.heard, ["1 data 5", "1 end", "1 close"]);
});

t.test("data waits for the windows of the stream and of the connection", async (t) => {
  const bench = new Bench();
  bench.receive(settingsFrame([[SETTING.initialWindowSize, 4]]), open(1, LAST));
  t.same(bench.take(), ["settings 0 0"]);
  const stream = bench.requests[0]?.stream;
  stream?.whole(OK, Buffer.alloc(10), END);
  t.equal(stream?.bufferedBytes, 6);
  t.same(bench.take(), ["headers 1 1", "data 1 4"]);
  bench.receive(numberFrame(FRAME.windowUpdate, 1, 3));
  t.same(bench.take(), ["data 1 3"]);
  bench.receive(settingsFrame([[SETTING.initialWindowSize, 6]]));
  t.same(bench.take(), ["settings 0 0", "data 1 2"]);
  bench.receive(numberFrame(FRAME.windowUpdate, 1, 100));
  t.same(bench.take(), ["data 1 1", `headers 1 ${END.length} end`]);
  t.same(bench.heard, ["1 end", "1 close"]);
});

t.test("a window of the connection is shared; nothing is lost between streams", async (t) => {
  const bench = new Bench();
  bench.receive(settingsFrame([[SETTING.initialWindowSize, 1 << 20]]));
  bench.receive(open(1, LAST), open(3, LAST));
  bench.take();
  for (const { stream } of bench.requests) stream.whole(OK, Buffer.alloc(40_000), END);
  const sizeOf = (lines: readonly string[], id: number): number =>
    lines
      .filter((line) => line.startsWith(`data ${id} `))
      .reduce((sum, line) => sum + Number(line.split(" ")[2]), 0);
  const before = bench.take();
  t.equal(sizeOf(before, 1) + sizeOf(before, 3), 65_535);
  bench.receive(numberFrame(FRAME.windowUpdate, 0, 1 << 20));
  const after = bench.take();
  t.equal(sizeOf(before, 1) + sizeOf(after, 1), 40_000);
  t.equal(sizeOf(before, 3) + sizeOf(after, 3), 40_000);
  t.same(bench.heard, ["1 end", "3 end", "1 close", "3 close"]);
});

t.test("a peer that does not read is sent no more data", async (t) => {
  const bench = new Bench();
  bench.receive(open(1, LAST));
  bench.backlog = LIMITS.backlogBytesMax + 1;
  const stream = bench.requests[0]?.stream;
  stream?.whole(OK, Buffer.alloc(10), END);
  t.same(bench.take(), ["headers 1 1"]);
  let isDrained = false;
  const drained = stream?.drained().then(() => {
    isDrained = true;
  });
  bench.resume();
  await Promise.resolve();
  t.equal(isDrained, false);
  bench.backlog = 0;
  bench.resume();
  await drained;
  t.same(bench.take(), ["data 1 10", `headers 1 ${END.length} end`]);
});

t.test("windows are granted anew once half of them is used", async (t) => {
  const bench = new Bench();
  bench.receive(open(1), data(1, 499));
  t.same(bench.take(), []);
  bench.receive(data(1, 1));
  t.same(bench.take(), ["window 1 500"]);
  bench.receive(data(1, 1001));
  t.same(bench.take(), [`reset 1 ${ERROR.flowControl}`]);
  t.same(bench.heard, ["1 data 499", "1 data 1", "1 close"]);
});

t.test("what the peer sent before it heard of our reset is skipped", async (t) => {
  const bench = new Bench();
  bench.receive(open(1));
  bench.requests[0]?.stream.headers(encodeHeaders([[":status", "415"]]), { end: true });
  t.match(bench.take(), [/^headers 1 \d+ end$/, `reset 1 ${ERROR.none}`]);
  t.ok(bench.receive(data(1, 100), open(1, LAST), numberFrame(FRAME.windowUpdate, 1, 5)));
  t.same(bench.take(), []);
});

t.test("more streams than are taken at a time are refused", async (t) => {
  const bench = new Bench();
  t.ok(bench.receive(open(1), open(3), open(5), open(7)));
  t.same(bench.take(), [`reset 7 ${ERROR.refusedStream}`]);
  bench.receive(numberFrame(FRAME.reset, 3, ERROR.cancel), open(9));
  t.same(bench.take(), []);
  t.equal(bench.requests.length, 4);
});

t.test("requests that are malformed are reset, the connection goes on", async (t) => {
  const bad: Readonly<Record<string, HeaderList>> = {
    "no method": POST.slice(1),
    "no scheme": [POST[0] as [string, string], POST[2] as [string, string]],
    "no path": POST.slice(0, 2),
    "an empty path": [...POST.slice(0, 2), [":path", ""]],
    "a path twice": [...POST, [":path", "/b"]],
    "a pseudo-header of answers": [...POST, [":status", "200"]],
    "a pseudo-header behind others": [["a", "b"], ...POST],
    "upper case": [...POST, ["X-A", "b"]],
    "a header of the connection": [...POST, ["connection", "close"]],
    te: [...POST, ["te", "gzip"]],
    "no number": [...POST, ["content-length", "-1"]],
  };
  for (const [why, headers] of Object.entries(bad)) {
    const bench = new Bench();
    t.ok(bench.receive(open(1, LAST, headers)), why);
    t.same(bench.take(), [`reset 1 ${ERROR.protocol}`], why);
    t.equal(bench.requests.length, 0, why);
  }
  const bench = new Bench();
  bench.receive(open(1, FLAG.endHeaders, [...POST, ["content-length", "5"]]));
  bench.receive(data(1, 4, FLAG.endStream));
  t.same(bench.take(), [`reset 1 ${ERROR.protocol}`], "a body shorter than was said");
});

t.test(
  "headers come in several frames; without an end, or too large, they are refused",
  async (t) => {
    const block = encodeHeaders(POST);
    const part = (type: number, bytes: Buffer, flags = 0): Buffer =>
      frameOf(type, { flags, streamId: 1 }, bytes);
    const bench = new Bench();
    bench.receive(part(FRAME.headers, block.subarray(0, 2), FLAG.endStream));
    bench.receive(part(FRAME.continuation, block.subarray(2), FLAG.endHeaders));
    t.equal(bench.requests[0]?.head?.path, "/a");
    t.same(bench.heard, ["1 end"]);

    const endless = new Bench();
    endless.receive(part(FRAME.headers, block));
    const more = Array.from({ length: 20 }, () => part(FRAME.continuation, Buffer.alloc(0)));
    t.notOk(endless.receive(...more));
    t.same(endless.take(), [`goAway ${ERROR.enhanceYourCalm}`]);

    const large = new Bench();
    const headers: HeaderList = [...POST, ["a", "b".repeat(16_000)], ["c", "d".repeat(300)]];
    const bytes = encodeHeaders(headers);
    t.ok(large.receive(part(FRAME.headers, bytes.subarray(0, 10_000))));
    t.ok(large.receive(part(FRAME.continuation, bytes.subarray(10_000), FLAG.endHeaders)));
    t.equal(large.requests[0]?.head, null);
  },
);

t.test("who breaks the protocol is told how, and is heard no more", async (t) => {
  const { protocol, frameSize, flowControl, streamClosed, compression } = ERROR;
  const one = (type: number, streamId: number, length: number): Buffer =>
    frameOf(type, { streamId }, Buffer.alloc(length));
  const faults: readonly (readonly [string, number, readonly Buffer[]])[] = [
    ["data of the connection", protocol, [data(0, 1)]],
    ["data of an idle stream", protocol, [data(1, 1)]],
    ["a stream of the server's", protocol, [open(2)]],
    ["a stream that was skipped", protocol, [open(5), open(3)]],
    ["a stream that is over", streamClosed, [open(1, LAST), numberFrame(3, 1, 8), open(1)]],
    ["a push", protocol, [one(FRAME.pushPromise, 1, 4)]],
    ["a continuation of nothing", protocol, [one(FRAME.continuation, 1, 1)]],
    ["another frame amid headers", protocol, [open(1, 0), one(FRAME.ping, 0, 8)]],
    ["a ping of a stream", protocol, [one(FRAME.ping, 1, 8)]],
    ["a short ping", frameSize, [one(FRAME.ping, 0, 7)]],
    ["settings of a stream", protocol, [one(FRAME.settings, 1, 0)]],
    ["half a setting", frameSize, [one(FRAME.settings, 0, 5)]],
    ["a setting that is none", protocol, [settingsFrame([[SETTING.enablePush, 2]])]],
    ["frames too small", protocol, [settingsFrame([[SETTING.maxFrameSize, 100]])]],
    ["a huge window", flowControl, [settingsFrame([[SETTING.initialWindowSize, 2 ** 31]])]],
    ["a window of nothing", protocol, [numberFrame(FRAME.windowUpdate, 0, 0)]],
    ["a window too large", flowControl, [numberFrame(FRAME.windowUpdate, 0, 2 ** 31 - 1)]],
    ["a reset of an idle stream", protocol, [numberFrame(FRAME.reset, 1, 8)]],
    ["the goodbye of a stream", protocol, [one(FRAME.goAway, 1, 8)]],
    ["a short priority", frameSize, [one(FRAME.priority, 1, 4)]],
    [
      "no header block",
      compression,
      [frameOf(FRAME.headers, { flags: 5, streamId: 1 }, END.subarray(0, 3))],
    ],
    [
      "padding beyond the frame",
      protocol,
      [open(1), frameOf(FRAME.data, { flags: 8, streamId: 1 }, Buffer.from([9]))],
    ],
  ];
  for (const [why, code, frames] of faults) {
    const bench = new Bench();
    t.notOk(bench.receive(...frames), why);
    t.same(bench.take().at(-1), `goAway ${code}`, why);
    t.notOk(bench.receive(open(99)), why);
    t.same(bench.take(), [], `${why}: nothing is answered any more`);
  }
  const flood = new Bench();
  flood.receive(settingsFrame([]), open(1), open(3), open(5));
  const much = Array.from({ length: 3 }, (_, i) => data(2 * i + 1, 16_384));
  flood.receive(...much);
  t.same(
    flood.take().filter((line) => line.startsWith("reset")),
    [1, 3, 5].map((id) => `reset ${id} ${flowControl}`),
  );
});

t.test("pings and padding are answered and skipped; a goodbye closes every stream", async (t) => {
  const bench = new Bench();
  bench.receive(frameOf(FRAME.ping, {}, Buffer.alloc(8)), open(1));
  t.same(bench.take(), ["ping 0 8"]);
  const padded = Buffer.concat([Buffer.from([3]), Buffer.from("ab"), Buffer.alloc(3)]);
  bench.receive(frameOf(FRAME.data, { flags: FLAG.padded, streamId: 1 }, padded));
  bench.receive(frameOf(222, { streamId: 7 }, padded));
  bench.goAway();
  t.same(bench.take(), [`goAway ${ERROR.none}`]);
  t.same(bench.heard, ["1 data 2", "1 close"]);
});

t.test("what does not begin as HTTP/2 does is refused", async (t) => {
  const sent: Buffer[] = [];
  const connection = new ServerConnection(LIMITS, {
    send: (bytes) => void sent.push(bytes),
    backlogBytes: () => 0,
    onStream: () => {},
  });
  t.ok(connection.receive(PREFACE.subarray(0, 5)));
  t.notOk(connection.receive(Buffer.from("GET / HTTP/1.1\r\n")));
  t.equal(sent.at(-1)?.[3], FRAME.goAway);
});
