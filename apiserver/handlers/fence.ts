import { badRequest, failure } from "../../api/machinery/status.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ApiRequest } from "../server/http-types.js";
import { headerOf } from "../server/responses.js";
import type { Guard } from "../storage/storage.js";

/** Says who leads an elected loop; the same text in the store and, taken apart, in the header. */
export interface HoldIdentity {
  readonly uid: string;
  readonly transitions: number;
}

const HEADER = "raftsman-fence";
const PATTERN =
  /^([a-z0-9.-]{1,253})\/([a-z0-9.-]{1,253});uid=([\w-]{1,64});transitions=(\d{1,15})$/u;

/** Where the store remembers the holder of a Lease. It goes when the holder's store lease ends. */
export function holdKey(namespace: string, name: string): Buffer {
  return Buffer.from(`/raftsman/holds/${namespace}/${name}`);
}

export function holdValue({ uid, transitions }: HoldIdentity): Buffer {
  return Buffer.from(`uid=${uid};transitions=${transitions}`);
}

/**
 * The condition that a `Raftsman-Fence` header puts on a write: its sender still leads. Checked in
 * the transaction of the write, so that a leader that was paused and wakes changes nothing. Throws
 * 400 for a header that cannot be read.
 */
export function fenceGuards(request: Pick<ApiRequest, "headers">): readonly Guard[] {
  const header = headerOf(request, HEADER);
  if (header === null) return [];
  const match = PATTERN.exec(header);
  if (match === null) throw new ApiFailure(badRequest(`the header ${HEADER} cannot be read`));
  const [, namespace = "", name = "", uid = "", transitions = ""] = match;
  const value = holdValue({ uid, transitions: Number(transitions) });
  return [
    {
      compare: { target: "value", key: holdKey(namespace, name), result: "=", value },
      failure: () => new ApiFailure(lostLeadership(namespace, name)),
    },
  ];
}

function lostLeadership(namespace: string, name: string): ReturnType<typeof failure> {
  const text = `the sender no longer holds the lease ${namespace}/${name}: nothing was written`;
  return failure(409, "Conflict", text, {
    name,
    group: "coordination.k8s.io",
    kind: "leases",
    causes: [{ reason: "FenceLost", message: text }],
  });
}
