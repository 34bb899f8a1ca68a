import { timingSafeEqual } from "node:crypto";
import type { ObjectReader } from "../server/http-types.js";

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
  const [, id = "", secret = ""] = TOKEN.exec(token) ?? [];
  if (id === "") return "a token has the form abcdef.0123456789abcdef";
  const name = { namespace: "kube-system", name: `bootstrap-token-${id}` };
  const found = (await options.reader.get(SECRETS, name)) as StoredSecret | null;
  // The same words whether it never existed or its secret is another: guessing must not pay.
  const unknown = `the token ${id} is not known, or has expired: raftsman token create makes one`;
  if (found?.type !== "bootstrap.kubernetes.io/token") return unknown;
  const field = (key: string): string => Buffer.from(found.data?.[key] ?? "", "base64").toString();
  if (!isEqual(field("token-secret"), secret)) return unknown;
  const expiration = field("expiration");
  if (expiration !== "" && !(Date.parse(expiration) > options.nowMs)) return unknown;
  if (field("usage-bootstrap-authentication") !== "true") return unknown;
  if (options.role === "server" && field("usage-raftsman-server") !== "true")
    return `the token ${id} is for agents: raftsman token create --as server makes one for servers`;
  return null;
}

interface StoredSecret {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
