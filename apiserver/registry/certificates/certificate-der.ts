/** "none": the bytes are no X.509 certificate. */
export type CertificateRole = "none" | "leaf" | "authority";

/** One value of DER (X.690 §8.1): its tag, and where its contents are. */
interface DerValue {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const [BOOLEAN, OCTETS, OBJECT_ID, SEQUENCE, EXTENSIONS] = [0x01, 0x04, 0x06, 0x30, 0xa3];
/** id-ce-basicConstraints (RFC 5280 §4.2.1.9), encoded. */
const BASIC_CONSTRAINTS: readonly number[] = [0x55, 0x1d, 0x13];

/**
 * What a certificate says it is for: an authority has basic constraints with cA true. Signatures
 * and dates are not looked at.
 */
export function readCertificateRole(bytes: Uint8Array): CertificateRole {
  const [certificate, ...more] = valuesOf(bytes, 0, bytes.length) ?? [];
  if (certificate?.tag !== SEQUENCE || more.length > 0) return "none";
  const parts = inside(bytes, certificate);
  const [body, algorithm, signature] = parts ?? [];
  if (parts?.length !== 3 || body?.tag !== SEQUENCE) return "none";
  if (algorithm?.tag !== SEQUENCE || signature?.tag !== 0x03) return "none";
  const fields = inside(bytes, body);
  // Serial number, algorithm, issuer, validity, subject and key at least (RFC 5280 §4.1).
  if (fields === null || fields.length < 6) return "none";
  const wrapper = fields.find(({ tag }) => tag === EXTENSIONS);
  if (wrapper === undefined) return "leaf";
  const [list] = inside(bytes, wrapper) ?? [];
  const extensions = list?.tag === SEQUENCE ? inside(bytes, list) : null;
  if (extensions === null) return "none";
  return extensions.some((extension) => saysAuthority(bytes, extension)) ? "authority" : "leaf";
}

function saysAuthority(bytes: Uint8Array, extension: DerValue): boolean {
  const [id, ...rest] = inside(bytes, extension) ?? [];
  if (id?.tag !== OBJECT_ID) return false;
  const name = bytes.subarray(id.start, id.end);
  if (name.length !== 3 || BASIC_CONSTRAINTS.some((byte, i) => name[i] !== byte)) return false;
  const octets = rest.find(({ tag }) => tag === OCTETS);
  const [constraints] = octets === undefined ? [] : (inside(bytes, octets) ?? []);
  const [flag] = constraints?.tag === SEQUENCE ? (inside(bytes, constraints) ?? []) : [];
  return flag?.tag === BOOLEAN && bytes[flag.start] === 0xff;
}

function inside(bytes: Uint8Array, { start, end }: DerValue): DerValue[] | null {
  return valuesOf(bytes, start, end);
}

/** The values that stand one after the other; null when they do not fill the place. */
function valuesOf(bytes: Uint8Array, from: number, to: number): DerValue[] | null {
  const values: DerValue[] = [];
  let at = from;
  while (at < to) {
    const value = valueAt(bytes, at, to);
    if (value === null) return null;
    values.push(value);
    at = value.end;
  }
  return values;
}

function valueAt(bytes: Uint8Array, at: number, to: number): DerValue | null {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return null;
  const more = first < 0x80 ? 0 : first & 0x7f;
  // Lengths of more than four bytes would be larger than anything that is sent.
  if (first === 0x80 || more > 4) return null;
  let length = first < 0x80 ? first : 0;
  for (let i = 0; i < more; i += 1) length = length * 256 + (bytes[at + 2 + i] ?? 0);
  const start = at + 2 + more;
  return start + length > to ? null : { tag, start, end: start + length };
}
