import t from "tap";
import { SeededRandom } from "../../base/random.js";
import { encodeSpdyFrame, type SpdyFrame, SpdyFrameReader } from "./spdy-frame.js";
import { SpdyHeaderDecoder, SpdyHeaderEncoder } from "./spdy-headers.js";

const block = Buffer.from("headers");
const FRAMES: readonly SpdyFrame[] = [
  { type: "SYN_STREAM", streamId: 1, fin: false, unidirectional: false, headerBlock: block },
  { type: "SYN_STREAM", streamId: 0x7fffffff, fin: true, unidirectional: true, headerBlock: block },
  { type: "SYN_REPLY", streamId: 3, fin: true, headerBlock: block },
  { type: "HEADERS", streamId: 5, fin: false, headerBlock: Buffer.alloc(0) },
  { type: "RST_STREAM", streamId: 7, status: 5 },
  {
    type: "SETTINGS",
    values: new Map([
      [4, 100],
      [7, 65_536],
    ]),
  },
  { type: "PING", id: 0xffffffff },
  { type: "GOAWAY", lastStreamId: 9, status: 1 },
  { type: "WINDOW_UPDATE", streamId: 0, delta: 0x7fffffff },
  { type: "DATA", streamId: 11, fin: false, data: Buffer.from("abc") },
  { type: "DATA", streamId: 11, fin: true, data: Buffer.alloc(0) },
];

t.test("frames as on the wire", (t) => {
  const cases: readonly [SpdyFrame, string][] = [
    [{ type: "PING", id: 1 }, "8003000600000004 00000001"],
    [{ type: "RST_STREAM", streamId: 1, status: 3 }, "8003000300000008 00000001 00000003"],
    [{ type: "GOAWAY", lastStreamId: 2, status: 0 }, "8003000700000008 00000002 00000000"],
    [{ type: "DATA", streamId: 1, fin: true, data: Buffer.from("hi") }, "00000001 01000002 6869"],
    [
      { type: "SYN_STREAM", streamId: 1, fin: false, unidirectional: false, headerBlock: block },
      "8003000100000011 00000001 00000000 0000 68656164657273",
    ],
  ];
  for (const [frame, hex] of cases)
    t.equal(encodeSpdyFrame(frame).toString("hex"), hex.replaceAll(" ", ""), frame.type);
  t.end();
});

t.test("what was encoded is read back, however it was cut", (t) => {
  const bytes = Buffer.concat(FRAMES.map(encodeSpdyFrame));
  t.same(new SpdyFrameReader().read(bytes), FRAMES, "in one piece");
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = new SeededRandom(seed);
    const reader = new SpdyFrameReader();
    const frames: SpdyFrame[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random.below(12);
      frames.push(...reader.read(bytes.subarray(at, end)));
      at = end;
    }
    t.same(joinData(frames), FRAMES, `seed ${seed}`);
  }
  t.end();
});

/** Data comes as it arrives: pieces of one frame are put together again. */
function joinData(frames: readonly SpdyFrame[]): SpdyFrame[] {
  const joined: SpdyFrame[] = [];
  for (const frame of frames) {
    const last = joined.at(-1);
    if (frame.type === "DATA" && last?.type === "DATA" && !last.fin && frame.data.length > 0)
      joined.splice(-1, 1, { ...frame, data: Buffer.concat([last.data, frame.data]) });
    else joined.push(frame);
  }
  return joined;
}

t.test("what breaks the protocol is refused, what is unknown ignored", (t) => {
  const unknown = Buffer.from(
    "800300050000000200008003000600000004 00000001".replace(" ", ""),
    "hex",
  );
  t.same(new SpdyFrameReader().read(unknown), [{ type: "PING", id: 1 }]);
  for (const [what, hex] of [
    ["another version", "8002000600000004 00000001"],
    ["a control frame of 16 MB", "8003000600ffffff"],
    ["a short PING", "8003000600000002 0000"],
    ["a short SYN_STREAM", "8003000100000004 00000001"],
    ["SETTINGS of a wrong length", "8003000400000004 00000009"],
  ] as const) {
    const bytes = Buffer.from(hex.replace(" ", ""), "hex");
    t.throws(() => new SpdyFrameReader().read(bytes), { code: "SpdyProtocolError" }, what);
  }
  t.end();
});

t.test("header blocks", (t) => {
  const encoder = new SpdyHeaderEncoder();
  const decoder = new SpdyHeaderDecoder();
  const long = "x".repeat(100_000);
  for (const headers of [
    { streamtype: "error" },
    {},
    { streamtype: "data", port: "8080", requestid: "0" },
    { long, empty: "", ü: "ö" },
    { streamtype: "stdin" },
  ])
    t.same(decoder.decode(encoder.encode(headers)), headers);
  // As sent by kubectl: deflated by Go, one stream for two blocks.
  const go = new SpdyHeaderDecoder();
  const first = "78f9e3c6a7c2626060600 4a7b392a2d4c45c6851c29a0a0a6800000000ffff".replace(" ", "");
  t.same(go.decode(Buffer.from(first, "hex")), { streamtype: "error" });
  t.same(go.decode(Buffer.from("c22ac5565c92925f5a02000000ffff", "hex")), {
    streamtype: "stdout",
  });
  t.end();
});

t.test("bad header blocks", (t) => {
  const bad = (plain: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.writeUInt16LE(plain.length, 1);
    head.writeUInt16LE(~plain.length & 0xffff, 3);
    return Buffer.concat([Buffer.from("783fe3c6a7c2", "hex"), head, plain]);
  };
  for (const [what, bytes] of [
    ["no dictionary", Buffer.from("789c0000000000", "hex")],
    ["nothing", Buffer.alloc(0)],
    ["not deflated", Buffer.from("783fe3c6a7c2ffffffff", "hex")],
    ["cut short", bad(Buffer.from("0000000100000004ab", "hex"))],
    ["a million headers", bad(Buffer.from("000f4240", "hex"))],
    [
      "a name twice",
      bad(Buffer.from("000000020000000161000000000000000161 00000000".replace(" ", ""), "hex")),
    ],
  ] as const)
    t.throws(() => new SpdyHeaderDecoder().decode(bytes), { code: "SpdyProtocolError" }, what);
  t.end();
});
