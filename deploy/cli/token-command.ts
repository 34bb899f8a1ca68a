import type { MemberList } from "../../consensus/consensus.js";
import { caHashOf } from "../pki/cluster-pki.js";
import { AdminApi, type ClusterOptions } from "./admin-api.js";
import { createJoinToken, deleteJoinToken, TOKEN_SECRETS, TOKEN_TYPE } from "./join-token.js";
import { CommandError, type OutputFormat, printData } from "./output.js";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const TTL_MAX_MS = 8_760 * 3_600_000;

interface TokenOptions extends ClusterOptions {
  readonly output: OutputFormat;
}

/** `raftsman token create`: a Secret that lets whoever knows the token join for a while. */
export async function tokenCreateCommand(
  options: TokenOptions & { readonly ttl: string; readonly as: "server" | "agent" },
): Promise<void> {
  const api = AdminApi.find(options);
  const { token, expiresAt } = await createJoinToken(api, {
    as: options.as,
    ttlMs: ttlMs(options.ttl),
    madeBy: "raftsman token create",
  });
  const caHash = caHashOf(api.access.ca);
  const endpoint = await endpointOf(api);
  const joinCommand = `raftsman join ${endpoint} --token ${token} --ca-hash ${caHash} --as ${options.as}`;
  printData(options.output, { token, caHash, endpoint, joinCommand, expiresAt }, () => [
    [joinCommand],
  ]);
}

/** `raftsman token list`: what there is, without the secrets. */
export async function tokenListCommand(options: TokenOptions): Promise<void> {
  const api = AdminApi.find(options);
  const selector = `?fieldSelector=${encodeURIComponent(`type=${TOKEN_TYPE}`)}`;
  const { items } = (await api.send("GET", TOKEN_SECRETS + selector)) as {
    readonly items: readonly { readonly data?: Readonly<Record<string, string>> }[];
  };
  const tokens = items.map(({ data = {} }) => {
    const field = (name: string): string => Buffer.from(data[name] ?? "", "base64").toString();
    return {
      id: field("token-id"),
      as: field("usage-raftsman-server") === "true" ? "server" : "agent",
      expiresAt: field("expiration"),
      description: field("description"),
    };
  });
  printData(options.output, { tokens }, () => [
    ["ID", "AS", "EXPIRES", "DESCRIPTION"],
    ...tokens.map((token) => [token.id, token.as, token.expiresAt, token.description]),
  ]);
}

/** `raftsman token delete`: nobody joins with it any more. Takes the id or the whole token. */
export async function tokenDeleteCommand(token: string, options: TokenOptions): Promise<void> {
  const id = token.split(".")[0] ?? "";
  if (!/^[a-z0-9]{6}$/.test(id))
    throw new CommandError("Usage", `${JSON.stringify(id)} is no id of a token`, {
      hint: "raftsman token list shows them.",
    });
  await deleteJoinToken(AdminApi.find(options), id).catch((error: unknown) => {
    if (!(error instanceof CommandError && error.message.endsWith(" not found"))) throw error;
    const hint = "raftsman token list shows them.";
    throw new CommandError("Failed", `there is no token ${id}`, { hint, cause: error });
  });
  printData(options.output, { deleted: id }, () => [[`token ${id} deleted`]]);
}

function ttlMs(text: string): number {
  const [, count, unit = ""] = /^(\d+)([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? 0);
  if (ms > 0 && ms <= TTL_MAX_MS) return ms;
  throw new CommandError("Usage", `--ttl: ${JSON.stringify(text)} is no time such as 24h`, {
    hint: "From 1s to 8760h, a year: a token is a key to the cluster while it lasts.",
  });
}

/** What others reach the cluster by: the leader's own address, for that of a kubeconfig may move. */
async function endpointOf(api: AdminApi): Promise<string> {
  const { members } = (await api.send("GET", "/raftsman/v1/members")) as MemberList;
  const leader = members.find(({ role }) => role === "leader");
  return leader?.apiUrl || (api.access.urls[0] ?? "");
}
