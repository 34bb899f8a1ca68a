import { timingSafeEqual } from "node:crypto";
import { GROUP_AUTHENTICATED } from "../auth/identity.js";
import type { Identity, ObjectReader } from "../server/http-types.js";

/** What a token lets its bearer do: a server is given the cluster's keys, an agent a certificate. */
export type JoinRole = "server" | "agent";

const SECRETS = { group: "", resource: "secrets" };
const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/u;

/**
 * Why this token does not let anybody join as `role` now; null when it does. Tokens are Secrets as
 * kubeadm makes them (`bootstrap-token-ID` in kube-system); one for servers says so besides.
 */
export async function refuseToken(
  token: string,
  options: { readonly role: JoinRole; readonly reader: ObjectReader; readonly nowMs: number },
): Promise<string | null> {
  const [, id = ""] = TOKEN.exec(token) ?? [];
  if (id === "") return "a token has the form abcdef.0123456789abcdef";
  const field = await fieldsOf(token, options);
  // The same words whether it never existed or its secret is another: guessing must not pay.
  if (field === null)
    return `the token ${id} is not known, or has expired: raftsman token create makes one`;
  if (options.role === "server" && field("usage-raftsman-server") !== "true")
    return `the token ${id} is for agents: raftsman token create --as server makes one for servers`;
  return null;
}

const BOOTSTRAPPERS = "system:bootstrappers";
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/u;

/** True for what has the form of such a token, and of no other that is taken. */
export function isBootstrapToken(token: string): boolean {
  return TOKEN.test(token);
}

/**
 * Who bears this token, for requests that it authenticates: `system:bootstrap:ID` in
 * system:bootstrappers and the groups that the Secret names. Null: it is not good. Rules:
 * kube-apiserver's --enable-bootstrap-token-auth.
 */
export async function bootstrapIdentity(
  token: string,
  options: { readonly reader: ObjectReader; readonly nowMs: number },
): Promise<Identity | null> {
  const field = await fieldsOf(token, options);
  if (field === null) return null;
  const extra = field("auth-extra-groups")
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
  // A group of anything but bootstrappers would be a way to more rights: then nothing counts.
  if (!extra.every((group) => EXTRA_GROUP.test(group))) return null;
  const groups = [...new Set([BOOTSTRAPPERS, ...extra, GROUP_AUTHENTICATED])];
  return { name: `system:bootstrap:${field("token-id")}`, uid: "", groups, extra: {} };
}

/** Reads fields of the token's Secret; null: there is none, or it does not authenticate now. */
async function fieldsOf(
  token: string,
  { reader, nowMs }: { readonly reader: ObjectReader; readonly nowMs: number },
): Promise<((key: string) => string) | null> {
  const [, id = "", secret = ""] = TOKEN.exec(token) ?? [];
  if (id === "") return null;
  const name = { namespace: "kube-system", name: `bootstrap-token-${id}` };
  const found = (await reader.get(SECRETS, name)) as StoredSecret | null;
  if (found?.type !== "bootstrap.kubernetes.io/token") return null;
  if (found.metadata?.deletionTimestamp !== undefined) return null;
  const field = (key: string): string => Buffer.from(found.data?.[key] ?? "", "base64").toString();
  if (!isEqual(field("token-secret"), secret) || field("token-id") !== id) return null;
  const expiration = field("expiration");
  if (expiration !== "" && !(Date.parse(expiration) > nowMs)) return null;
  return field("usage-bootstrap-authentication") === "true" ? field : null;
}

interface StoredSecret {
  readonly metadata?: { readonly deletionTimestamp?: string };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
