/**
 * The Huffman code of HPACK (RFC 7541, Appendix B). It is canonical: the lengths of the codes say
 * all of it, codes of one length being given out in the order of their symbols. One digit of base
 * 36 a symbol, from byte 0 to byte 255 and then the end of a string.
 */
const LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu";
const END_OF_STRING = 256;
const PADDING_BITS_MAX = 7;

/**
 * A tree of pairs: at 2n and 2n + 1 where a bit 0 and a bit 1 lead from node n. Positive: the next
 * node; negative: -1 - symbol.
 */
const TREE = makeTree();

function makeTree(): Int16Array {
  const lengths = Array.from(LENGTHS, (digit) => Number.parseInt(digit, 36));
  const symbols = lengths.map((_, symbol) => symbol);
  symbols.sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
  const tree = new Int16Array(2 * lengths.length);
  let nodes = 1;
  let code = 0;
  let length = 0;
  for (const symbol of symbols) {
    const own = lengths[symbol] ?? 0;
    code *= 2 ** (own - length);
    length = own;
    let node = 0;
    for (let bit = own - 1; bit > 0; bit -= 1) {
      const way = 2 * node + ((code >>> bit) & 1);
      if (tree[way] === 0) {
        tree[way] = nodes;
        nodes += 1;
      }
      node = tree[way] ?? 0;
    }
    tree[2 * node + (code & 1)] = -1 - symbol;
    code += 1;
  }
  return tree;
}

/** The bytes of a coded string; null when it is not one (RFC 7541 §5.2). */
export function decodeHuffman(coded: Buffer): Buffer | null {
  // No code is shorter than five bits.
  const bytes = Buffer.allocUnsafe(Math.floor((coded.length * 8) / 5));
  let size = 0;
  let node = 0;
  let bitsOfNode = 0;
  let onlyOnes = true;
  for (const byte of coded) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const one = (byte >>> bit) & 1;
      const next = TREE[2 * node + one] ?? 0;
      if (next < 0) {
        const symbol = -1 - next;
        if (symbol === END_OF_STRING) return null;
        bytes[size] = symbol;
        size += 1;
        node = 0;
        bitsOfNode = 0;
        onlyOnes = true;
      } else {
        node = next;
        bitsOfNode += 1;
        onlyOnes &&= one === 1;
      }
    }
  }
  // What is left over is the beginning of the end-of-string code, which is all ones.
  if (bitsOfNode > PADDING_BITS_MAX || !onlyOnes) return null;
  return bytes.subarray(0, size);
}
