import fc from "fast-check";
import t from "tap";
import { ERROR, type Frame, FRAME, FRAME_BYTES_MAX, FrameReader, frameOf } from "./frame.js";

t.test("frames are the same however their bytes are cut", async (t) => {
  const frames = [
    frameOf(FRAME.settings, {}),
    frameOf(FRAME.data, { flags: 1, streamId: 2 ** 31 - 1 }, Buffer.alloc(FRAME_BYTES_MAX, "d")),
    frameOf(FRAME.ping, {}, Buffer.from("12345678")),
    frameOf(200, { flags: 255, streamId: 3 }, Buffer.from("of no known type")),
  ];
  const bytes = Buffer.concat(frames);
  const read = (cuts: readonly number[]): Frame[] => {
    const found: Frame[] = [];
    const reader = new FrameReader();
    let from = 0;
    for (const to of [...[...cuts].sort((a, b) => a - b), bytes.length]) {
      // Copied when it is taken: what it lies in may go.
      const take = (frame: Frame): void => {
        found.push({ ...frame, payload: Buffer.from(frame.payload) });
      };
      reader.push(bytes.subarray(from, to), take);
      from = to;
    }
    return found;
  };
  const whole = read([]);
  t.same(
    whole.map(({ type, flags, streamId, payload }) => [type, flags, streamId, payload.length]),
    [
      [FRAME.settings, 0, 0, 0],
      [FRAME.data, 1, 2 ** 31 - 1, FRAME_BYTES_MAX],
      [FRAME.ping, 0, 0, 8],
      [200, 255, 3, 16],
    ],
  );
  const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (some) => {
      t.same(read(some), whole);
    }),
    { numRuns: 60 },
  );
  t.same(read([...bytes.keys()].slice(0, 40)), whole, "byte by byte");
});

t.test("a frame larger than was agreed ends the connection at its header", async (t) => {
  const header = frameOf(FRAME.data, { streamId: 1 }, Buffer.alloc(FRAME_BYTES_MAX + 1)).subarray(
    0,
    9,
  );
  t.throws(() => new FrameReader().push(header, () => {}), { code: ERROR.frameSize });
});
