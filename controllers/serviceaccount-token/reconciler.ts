import { isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { Lister } from "../../api/client/indexer.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { resourcePath } from "../../api/client/request-path.js";
import { SECRETS, SERVICE_ACCOUNTS } from "../../api/client/resource-types.js";
import type { TokenRequest } from "../../api/schema/types/authentication-v1.gen.js";
import type { Secret, ServiceAccount } from "../../api/schema/types/core-v1.gen.js";
import type { Reconciler, Result } from "../controller.js";
import { ACCOUNT_NAME, filledSecret, planTokenSecret } from "./plan.js";

/** What the reconciler works with. */
export interface TokenSecretDeps {
  readonly client: ApiClient;
  /** Those that are made for a token. */
  readonly secrets: Lister<Secret>;
  readonly accounts: Lister<ServiceAccount>;
  /** The cluster's authority as a Secret holds it. */
  readonly caBase64: string;
}

/** The longest that can be asked for, 136 years: the token ends with its Secret. */
const TOKEN_SECONDS = 2 ** 32;
/** A Secret that changed under the write is looked at again when its change has come. */
const RETRY_MS = 1_000;

/** Puts a token into each Secret that is made for one; takes the Secret away with its account. */
export class TokenSecretReconciler implements Reconciler {
  private readonly deps: TokenSecretDeps;

  constructor(deps: TokenSecretDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { secrets, accounts, caBase64 } = this.deps;
    const secret = secrets.get(key);
    if (secret === undefined) return {};
    const { namespace, annotations } = secret.metadata;
    const name = annotations?.[ACCOUNT_NAME] ?? "";
    const known = accounts.get(objectKey(namespace, name)) ?? null;
    // Asked of the server before a Secret goes: a cache may be late.
    const isSure = planTokenSecret(secret, { account: known, caBase64 }).action !== "delete";
    const account = isSure ? known : await this.accountNow(secret, name, signal);
    const plan = planTokenSecret(secret, { account, caBase64 });
    try {
      if (plan.action === "delete") await this.remove(secret, signal);
      if (plan.action === "fill" && account !== null) {
        const token = plan.needsToken ? await this.newToken(secret, account, signal) : null;
        const filled = filledSecret(secret, { account, caBase64, token });
        await this.deps.client.resource(SECRETS).update(filled, { signal });
      }
    } catch (error) {
      if (isConflict(error)) return { requeueAfterMs: RETRY_MS };
      if (!isNotFound(error)) throw error;
    }
    return {};
  }

  private async accountNow(
    { metadata: { namespace = "" } }: Secret,
    name: string,
    signal: AbortSignal,
  ): Promise<ServiceAccount | null> {
    try {
      return await this.deps.client.resource(SERVICE_ACCOUNTS).get(name, { namespace, signal });
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  private async remove({ metadata }: Secret, signal: AbortSignal): Promise<void> {
    const { name, namespace = "", uid, resourceVersion } = metadata;
    const options = { namespace, uid, resourceVersion, signal };
    await this.deps.client.resource(SECRETS).delete(name, options);
  }

  private async newToken(
    { metadata: { name, namespace = "", uid } }: Secret,
    account: ServiceAccount,
    signal: AbortSignal,
  ): Promise<string> {
    const at = { namespace, name: account.metadata.name, subresource: "token" };
    const boundObjectRef = { apiVersion: "v1", kind: "Secret", name, uid };
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: TOKEN_SECONDS, boundObjectRef },
    };
    const path = resourcePath(SERVICE_ACCOUNTS, at);
    const answer = await this.deps.client.request("POST", path, { body, signal });
    return (answer as unknown as TokenRequest).status?.token ?? "";
  }
}
