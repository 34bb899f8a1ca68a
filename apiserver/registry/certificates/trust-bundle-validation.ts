import { type FieldError, invalid, tooLong } from "../../../api/machinery/field-errors.js";
import { byteLength } from "../../../api/machinery/names.js";
import { base64ToBytes } from "../common/base64.js";
import { readCertificateRole } from "./certificate-der.js";

const BUNDLE_BYTES_MAX = 1024 * 1024;
const OMITTED = "<value omitted>";
/** RFC 7468; the lines between may be headers of the old kind (RFC 1421). */
const BLOCK = /-----BEGIN ([^-\n]+)-----\s*\n([^]*?)-----END \1-----/gu;

/** Checks that a text holds certificates of authorities, each once, and nothing else. */
export function validateTrustBundle(bundle: string, path: string): FieldError[] {
  if (byteLength(bundle) > BUNDLE_BYTES_MAX) return [tooLong(path, BUNDLE_BYTES_MAX)];
  const blocks = [...bundle.matchAll(BLOCK)];
  const errors: FieldError[] = [];
  const places = new Map<string, number[]>();
  for (const [index, [, type = "", body = ""]] of blocks.entries()) {
    const text = faultOf(type, body);
    if (text !== null) errors.push(invalid(path, OMITTED, `entry ${index} ${text}`));
    const digits = body.replaceAll(/\s/gu, "");
    places.set(digits, [...(places.get(digits) ?? []), index]);
  }
  if (errors.length > 0) return errors;
  if (blocks.length === 0)
    return [invalid(path, OMITTED, "at least one trust anchor must be provided")];
  for (const indices of places.values()) {
    if (indices.length < 2) continue;
    const text = `duplicate trust anchor (indices [${indices.join(" ")}])`;
    errors.push(invalid(path, OMITTED, text));
  }
  return errors;
}

/** What is wrong with one block, as the end of a sentence; null: nothing. */
function faultOf(type: string, body: string): string | null {
  if (type !== "CERTIFICATE") return `has bad block type: ${type}`;
  if (body.includes(":")) return "has PEM block headers";
  switch (readCertificateRole(base64ToBytes(body))) {
    case "none":
      return "does not parse as X.509";
    case "leaf":
      return "does not have the CA bit set";
    case "authority":
      return null;
  }
}
