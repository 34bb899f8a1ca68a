import type { MemberList } from "../../consensus/consensus.js";
import { AdminApi, type ClusterOptions } from "./admin-api.js";
import { CommandError, type OutputFormat, printData } from "./output.js";

export type MemberVerb = "list" | "add" | "promote" | "remove" | "transfer-leader";

const PATH = "/raftsman/v1/members";

/**
 * `raftsman member list|add|promote|remove|transfer-leader`. Every verb prints the members
 * afterwards. Throws CommandError: Unsafe with the reason, NotRunning, Failed.
 */
export async function memberCommand(
  verb: MemberVerb,
  names: readonly string[],
  options: ClusterOptions & {
    readonly output: OutputFormat;
    readonly force?: boolean;
    readonly id?: string;
    readonly peerUrl?: string;
    readonly apiUrl?: string;
  },
): Promise<void> {
  const api = AdminApi.find(options);
  const list =
    verb === "list"
      ? await api.send("GET", PATH)
      : await api.send("POST", `${PATH}/${verb}`, bodyOf(verb, names, options));
  const { clusterId, members } = list as MemberList;
  // The contract's order of fields, and nothing else.
  const told = [...members].sort(byName).map((member) => ({
    id: member.id,
    name: member.name,
    role: member.role,
    voter: member.voter,
    healthy: member.healthy,
    pid: member.pid,
    peerUrl: member.peerUrl,
    apiUrl: member.apiUrl,
    term: member.term,
    commitIndex: member.commitIndex,
    appliedIndex: member.appliedIndex,
    revision: member.revision,
    dbSizeBytes: member.dbSizeBytes,
    hash: member.hash,
    hashRevision: member.hashRevision,
    alarms: member.alarms,
    version: member.version,
  }));
  printData(options.output, { clusterId, members: told }, () => [
    ["NAME", "ROLE", "VOTER", "HEALTHY", "TERM", "APPLIED", "REVISION", "PEER", "ALARMS"],
    ...told.map((member) => [
      member.name,
      member.role,
      String(member.voter),
      String(member.healthy),
      String(member.term),
      String(member.appliedIndex),
      String(member.revision),
      member.peerUrl,
      member.alarms.join(",") || "-",
    ]),
  ]);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function bodyOf(
  verb: MemberVerb,
  names: readonly string[],
  options: { force?: boolean; id?: string; peerUrl?: string; apiUrl?: string },
): unknown {
  if (verb !== "add") return { names, force: options.force === true };
  const { id, peerUrl, apiUrl } = options;
  if (id !== undefined && peerUrl !== undefined && apiUrl !== undefined)
    return { member: { id, name: names[0], peerUrl, apiUrl } };
  throw new CommandError("Usage", "member add needs --id, --peer-url and --api-url", {
    hint: "Servers that are started with --join add themselves: raftsman token create",
  });
}
