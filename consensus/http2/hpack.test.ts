import fc from "fast-check";
import t from "tap";
import { ConnectionError, ERROR } from "./frame.js";
import { encodeHeaders, type HeaderList, HpackDecoder } from "./hpack.js";
import { decodeHuffman } from "./huffman.js";

const LIST_BYTES_MAX = 16_384;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const lines = (headers: HeaderList | null): string[] | null =>
  headers?.map(([name, value]) => `${name}: ${value}`) ?? null;

t.test("the examples of RFC 7541, appendix C", async (t) => {
  const first = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
  const second = [...first, "cache-control: no-cache"];
  const third = [":method: GET", ":scheme: https", ":path: /index.html", first[3], "custom-key"];
  for (const [name, blocks] of [
    [
      "C.3, as they are",
      [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
      ],
    ],
    [
      "C.4, in Huffman's code",
      [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
      ],
    ],
  ] as const) {
    const decoder = new HpackDecoder(LIST_BYTES_MAX);
    const [a, b, c] = blocks.map((block) => lines(decoder.decode(hex(block))));
    t.same(a, first, name);
    t.same(b, second, name);
    t.same(c, [...third.slice(0, 4), "custom-key: custom-value"], name);
  }
});

t.test("a table of 256 bytes forgets what is oldest (C.6)", async (t) => {
  const decoder = new HpackDecoder(LIST_BYTES_MAX);
  const date = "date: Mon, 21 Oct 2013 20:13:21 GMT";
  const location = "location: https://www.example.com";
  const smaller = "3fe1 01";
  const found = decoder.decode(
    hex(
      `${smaller} 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6` +
        "2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
    ),
  );
  t.same(lines(found), [":status: 302", "cache-control: private", date, location]);
  const again = decoder.decode(hex("4883 640e ffc1 c0bf"));
  t.same(lines(again), [":status: 307", "cache-control: private", date, location]);
  t.throws(() => decoder.decode(hex("c2")), { code: ERROR.compression }, ":status 302 went");
});

t.test("what is encoded without a table is read again", async (t) => {
  const token = fc.stringMatching(/^[a-z-]{1,40}$/);
  const value = fc.string({ maxLength: 300 }).map((text) => text.replace(/[^\x20-\x7e]/g, "."));
  const decoder = new HpackDecoder(1 << 24);
  fc.assert(
    fc.property(fc.array(fc.tuple(token, value), { maxLength: 20 }), (headers) => {
      t.same(decoder.decode(encodeHeaders(headers)), headers);
    }),
    { numRuns: 50 },
  );
  const known: HeaderList = [
    [":status", "200"],
    ["content-type", "application/grpc"],
  ];
  t.same(decoder.decode(encodeHeaders(known)), known);
});

t.test("bytes that are no block are refused, and nothing else happens", async (t) => {
  for (const [block, why] of [
    ["80", "index 0"],
    ["be", "an entry that nobody made"],
    ["41", "a block that ends amid a header"],
    ["410f77", "a string that ends behind its block"],
    ["418cf1e3c2e5f23a6ba0ab90f400", "a string whose padding is no padding"],
    ["4184ffffffff", "the end of a string within it"],
    ["ffffffffffff7f", "a number beyond any use"],
    ["82 3f e1 01", "a table that is resized amid a block"],
    ["3fe21f", "a table larger than was allowed"],
  ] as const)
    t.throws(
      () => new HpackDecoder(LIST_BYTES_MAX).decode(hex(block)),
      { code: ERROR.compression },
      why,
    );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        new HpackDecoder(LIST_BYTES_MAX).decode(Buffer.from(bytes));
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
      }
    }),
  );
});

t.test(
  "a list that is too large is told by null, and the next block still builds on it",
  async (t) => {
    const decoder = new HpackDecoder(100);
    // Kept: "a: bbb…", larger than the list may be.
    const value = Buffer.alloc(90, "b");
    const kept = Buffer.concat([hex("40 01 61"), Buffer.from([value.length]), value]);
    t.equal(decoder.decode(Buffer.concat([kept, hex("82")])), null);
    t.same(lines(decoder.decode(hex("82"))), [":method: GET"]);
    t.equal(decoder.decode(hex("be")), null, "the entry is there");
  },
);

t.test("Huffman's code ends with at most seven ones", async (t) => {
  t.same(decodeHuffman(hex("a8eb10649cbf"))?.toString(), "no-cache");
  t.same(decodeHuffman(Buffer.alloc(0))?.length, 0);
  t.equal(decodeHuffman(hex("a8eb10649cbfff")), null);
});
