import { keyOf } from "../../api/client/object-key.js";
import { SECRETS, SERVICE_ACCOUNTS } from "../../api/client/resource-types.js";
import type { Secret, ServiceAccount } from "../../api/schema/types/core-v1.gen.js";
import { type LoopFactory, newQueue, queueLoop } from "../controller.js";
import { ACCOUNT_NAME, base64, TOKEN_TYPE } from "./plan.js";
import { TokenSecretReconciler } from "./reconciler.js";

const NAME = "serviceaccount_tokens_secret";
const BY_ACCOUNT = "serviceAccount";

const byAccount = ({ metadata: { namespace = "", annotations } }: Secret): readonly string[] => [
  `${namespace}/${annotations?.[ACCOUNT_NAME] ?? ""}`,
];

/** The loop that fills the Secrets made for tokens of service accounts. */
export function serviceAccountTokenLoop(caPem: string): LoopFactory {
  return (context) => {
    const { client, informers } = context;
    const secrets = informers.informer(SECRETS, { fieldSelector: `type=${TOKEN_TYPE}` });
    const accounts = informers.informer(SERVICE_ACCOUNTS);
    secrets.addIndex(BY_ACCOUNT, byAccount);
    const queue = newQueue(context, NAME);
    secrets.addHandler({
      added: (secret) => queue.add(keyOf(secret)),
      updated: (secret) => queue.add(keyOf(secret)),
    });
    const enqueueSecrets = (account: ServiceAccount): void => {
      for (const secret of secrets.lister.byIndex(BY_ACCOUNT, keyOf(account)))
        queue.add(keyOf(secret));
    };
    accounts.addHandler({ added: enqueueSecrets, deleted: enqueueSecrets });
    const reconciler = new TokenSecretReconciler({
      client,
      secrets: secrets.lister,
      accounts: accounts.lister,
      caBase64: base64(caPem),
    });
    return queueLoop(context, { name: NAME, queue, reconciler });
  };
}
