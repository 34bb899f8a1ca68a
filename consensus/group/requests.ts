import { MalformedError } from "../bytes.js";
import type { LeaseId, NewMember } from "../store-api.js";

/** What a peer sent along with a request. Everything here throws MalformedError. */
export function parseLeaseId(body: unknown): LeaseId {
  const { id } = { ...(body as Record<string, unknown>) };
  if (typeof id === "number" && Number.isSafeInteger(id) && id > 0) return id;
  throw new MalformedError("no id of a lease");
}

export function parseNewMember(body: unknown): NewMember {
  const { id, name, peerUrl, apiUrl } = { ...(body as Record<string, unknown>) };
  const member = { id, name, peerUrl, apiUrl };
  const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
  if (Object.values(member).every(isText)) return member as NewMember;
  throw new MalformedError("no new member");
}

export function parseIndex(body: unknown): number {
  const { index } = { ...(body as Record<string, unknown>) };
  if (typeof index === "number" && Number.isSafeInteger(index) && index >= 0) return index;
  throw new MalformedError("no index");
}

export function parseVerdict(body: unknown): {
  readonly index: number;
  readonly agreed: string | null;
} {
  const { agreed } = { ...(body as Record<string, unknown>) };
  if (agreed !== null && typeof agreed !== "string") throw new MalformedError("no verdict");
  return { index: parseIndex(body), agreed };
}

export function parseNames(body: unknown): {
  readonly names: readonly string[];
  readonly force: boolean;
} {
  const { names, force } = { ...(body as Record<string, unknown>) };
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string"))
    throw new MalformedError("no names of members");
  return { names: names as string[], force: force === true };
}
