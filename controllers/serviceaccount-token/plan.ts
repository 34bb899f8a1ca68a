import type { Secret, ServiceAccount } from "../../api/schema/types/core-v1.gen.js";

/** The type of the Secrets that hold a token. */
export const TOKEN_TYPE = "kubernetes.io/service-account-token";
/** Annotation of such a Secret: whose token it holds. */
export const ACCOUNT_NAME = "kubernetes.io/service-account.name";
/** And the uid of that account. */
export const ACCOUNT_UID = "kubernetes.io/service-account.uid";

/** What to do about a Secret of that type. */
export type TokenSecretPlan =
  | { readonly action: "keep" }
  /** There is no such account, or it is another one of the same name. */
  | { readonly action: "delete" }
  | { readonly action: "fill"; readonly needsToken: boolean };

/**
 * Pure. `account`: the one that the Secret names, as the server has it; null: there is none.
 * `caBase64`: the cluster's authority as a Secret holds it.
 */
export function planTokenSecret(
  secret: Secret,
  { account, caBase64 }: { readonly account: ServiceAccount | null; readonly caBase64: string },
): TokenSecretPlan {
  const { annotations = {}, namespace = "", deletionTimestamp } = secret.metadata;
  if (deletionTimestamp !== undefined) return { action: "keep" };
  const uid = annotations[ACCOUNT_UID] ?? "";
  if (account === null || (uid !== "" && uid !== account.metadata.uid)) return { action: "delete" };
  const data = secret.data ?? {};
  const needsToken = (data["token"] ?? "") === "";
  const isRight =
    !needsToken &&
    uid !== "" &&
    data["ca.crt"] === caBase64 &&
    data["namespace"] === base64(namespace);
  return isRight ? { action: "keep" } : { action: "fill", needsToken };
}

/** The Secret with all that belongs in it; `token` null: it keeps the one it has. */
export function filledSecret(
  secret: Secret,
  parts: {
    readonly account: ServiceAccount;
    readonly caBase64: string;
    readonly token: string | null;
  },
): Secret {
  const { account, caBase64, token } = parts;
  const annotations = { ...secret.metadata.annotations, [ACCOUNT_UID]: account.metadata.uid };
  const data = {
    ...secret.data,
    "ca.crt": caBase64,
    namespace: base64(secret.metadata.namespace ?? ""),
    ...(token === null ? {} : { token: base64(token) }),
  };
  return { ...secret, metadata: { ...secret.metadata, annotations }, data };
}

/** As the data of a Secret is written. */
export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
