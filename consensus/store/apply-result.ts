import { type ByteReader, type ByteWriter, MalformedError } from "../bytes.js";
import type { Revision, StoreErrorCode, TxnResponse } from "../store-api.js";
import { readList, readTxnResponse, writeTxnResponse } from "./txn-codec.js";

/** What applying a command came to. An error is an answer too: every replica comes to the same. */
export type ApplyResult =
  | { readonly type: "txn"; readonly response: TxnResponse }
  /** Of transactions that shared a proposal, in their order: "txn" or "error". */
  | { readonly type: "txns"; readonly results: readonly ApplyResult[] }
  | { readonly type: "done"; readonly revision: Revision }
  | { readonly type: "error"; readonly code: StoreErrorCode; readonly message: string };

/** Numbers are positions in this list: append, never reorder. */
const CODES: readonly StoreErrorCode[] = [
  "Compacted",
  "FutureRevision",
  "LeaseNotFound",
  "TooManyOperations",
  "RequestTooLarge",
  "Overloaded",
  "NoLeader",
  "OutcomeUnknown",
  "NoSpace",
  "InvalidRequest",
  "Closed",
  "Unsafe",
  "NoSuchMember",
  "NotReady",
];

/** A code that a peer sent; one that is not known here says nothing of the outcome. */
export function toErrorCode(code: string): StoreErrorCode {
  return CODES.find((known) => known === code) ?? "OutcomeUnknown";
}

export function writeErrorCode(w: ByteWriter, code: StoreErrorCode): void {
  w.u8(CODES.indexOf(code));
}

/** Throws MalformedError. */
export function readErrorCode(r: ByteReader): StoreErrorCode {
  const at = r.u8();
  const code = CODES[at];
  if (code === undefined) throw new MalformedError(`error ${at} is not known`);
  return code;
}

/** The result of a command, on the disk and on the wire. */
export function writeApplyResult(w: ByteWriter, result: ApplyResult): void {
  switch (result.type) {
    case "txn":
      writeTxnResponse(w.u8(0), result.response);
      return;
    case "done":
      w.u8(1).u53(result.revision);
      return;
    case "error":
      writeErrorCode(w.u8(2), result.code);
      w.text(result.message);
      return;
    case "txns":
      w.u8(3).u32(result.results.length);
      for (const one of result.results) writeApplyResult(w, one);
  }
}

/** Throws MalformedError. */
export function readApplyResult(r: ByteReader): ApplyResult {
  const type = r.u8();
  if (type === 0) return { type: "txn", response: readTxnResponse(r) };
  if (type === 1) return { type: "done", revision: r.u53() };
  if (type === 2) return { type: "error", code: readErrorCode(r), message: r.text() };
  if (type === 3) return { type: "txns", results: readList(r, readApplyResult) };
  throw new MalformedError(`result ${type} is not known`);
}
