import { CodedError } from "../base/errors.js";
import type { StoreErrorCode } from "./store-api.js";

/** What a Store's methods reject with. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name: string = "StoreError";
}
