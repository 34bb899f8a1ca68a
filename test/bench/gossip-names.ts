import { memberOfNode, memberOfServer } from "../../gossip/member-names.js";

/** The one of them that all others join. */
export const SERVER = "server";

/** Under which name one of the benchmark's members takes part. */
export function memberNameOf(name: string): string {
  return name === SERVER ? memberOfServer("bench") : memberOfNode(name);
}
