import { CodedError } from "../../base/errors.js";

/** What can go wrong with the containerd that an agent owns. */
export type ContainerdErrorCode =
  | "ContainerdMissing"
  | "ContainerdStartFailed"
  | "ImageImportFailed"
  | "PauseBinaryMissing";

/** `details.logTail` holds the last lines of containerd's log where there are any. */
export class ContainerdError extends CodedError<ContainerdErrorCode> {
  override readonly name = "ContainerdError";
}
