import { DEFAULT_POLICY, type DefaultObject } from "./default-policy.js";
import type { InternalAnswer, InternalClient } from "./internal-client.js";
import { check as checkAnswer } from "./owned-objects.js";
import { planRepair, type StoredPolicy } from "./policy-repair.js";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
/** Objects that are looked at together: one group commit of the store carries their writes. */
const TOGETHER = 16;

/** Makes the default roles and bindings and puts back what they lost. Throws "BootstrapFailed". */
export async function ensureDefaultPolicy(
  client: InternalClient,
  signal: AbortSignal,
): Promise<void> {
  for (let start = 0; start < DEFAULT_POLICY.length; start += TOGETHER) {
    const some = DEFAULT_POLICY.slice(start, start + TOGETHER);
    await Promise.all(some.map((wanted) => ensureOne(client, wanted, signal)));
  }
}

async function ensureOne(
  client: InternalClient,
  wanted: DefaultObject,
  signal: AbortSignal,
): Promise<void> {
  const collection = collectionOf(wanted);
  const path = `${collection}/${wanted.metadata.name}`;
  const create = async (): Promise<void> =>
    check(await client.send("POST", collection, { body: wanted, signal }), path);
  const found = await client.send("GET", path, { signal });
  if (found.status === 404) return create();
  check(found, path);
  const repair = planRepair(found.body as StoredPolicy, wanted);
  if (repair.type === "none") return;
  if (repair.type === "update") {
    check(await client.send("PUT", path, { body: repair.object, signal }), path);
    return;
  }
  check(await client.send("DELETE", path, { signal }), path);
  await create();
}

function collectionOf({ kind, metadata }: DefaultObject): string {
  const plural = `${kind.toLowerCase()}s`;
  const { namespace } = metadata;
  return namespace === undefined
    ? `${RBAC}/${plural}`
    : `${RBAC}/namespaces/${namespace}/${plural}`;
}

/** What is gone was deleted by another server a moment ago: that is as good. */
function check(answer: InternalAnswer, path: string): void {
  if (answer.status !== 404) checkAnswer(answer, path);
}
