import type { MemberLeases } from "../member-leases.js";
import type { MemberReport } from "../member-report.js";
import { StoreError } from "../store-error.js";
import type { PeerAnswer } from "../transport/codec.js";
import type { GroupMethod, MemberGroup } from "./member-group.js";
import { parseIndex, parseLeaseId, parseNames, parseNewMember, parseVerdict } from "./requests.js";
import type { Scrubber } from "./scrubber.js";

export interface PeerRequestDeps {
  readonly group: MemberGroup;
  readonly leases: MemberLeases;
  readonly report: MemberReport;
  readonly scrubber: Scrubber;
}

/** Does for a peer what only a leader, or only this member, can. Rejects with StoreError. */
export async function answerPeer(
  method: string,
  body: unknown,
  deps: PeerRequestDeps,
): Promise<PeerAnswer> {
  return { ok: true, body: await carryOut(method as GroupMethod, body, deps) };
}

async function carryOut(
  method: GroupMethod,
  body: unknown,
  { group, leases, report, scrubber }: PeerRequestDeps,
): Promise<unknown> {
  switch (method) {
    case "status":
      return report.own();
    case "leaseKeepAlive":
      return leases.keepAliveHere(parseLeaseId(body));
    case "leaseTimeToLive":
      return leases.timeToLiveHere(parseLeaseId(body));
    case "memberAdd":
      return group.add(parseNewMember(body));
    case "memberPromote":
      return group.promote(parseNames(body).names);
    case "memberRemove": {
      const { names, force } = parseNames(body);
      return group.remove(names[0] ?? "", force);
    }
    case "transferLeader":
      return group.transfer(parseNames(body).names[0] ?? null);
    case "hashAt":
      return { hash: await scrubber.hashAt(parseIndex(body)) };
    case "scrubbed": {
      const { index, agreed } = parseVerdict(body);
      return scrubber.take(index, agreed);
    }
    default:
      throw new StoreError("InvalidRequest", `the peer asks for ${String(method)}`);
  }
}
