import { isConflict, isNotFound } from "../../api/client/api-error.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { CERTIFICATE_SIGNING_REQUESTS } from "../../api/client/resource-types.js";
import { formatTime } from "../../api/machinery/time.js";
import type { SubjectAccessReview } from "../../api/schema/types/authorization-v1.gen.js";
import type { CertificateSigningRequest } from "../../api/schema/types/certificates-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import {
  type LoopContext,
  type LoopFactory,
  newQueue,
  queueLoop,
  type Result,
} from "../controller.js";
import { type ApprovalRight, approvalRights, isUndecided, retryAfterMs } from "./approver-rules.js";
import { type CertificateSigner, KUBELET_CLIENT } from "./signer-rules.js";

const NAME = "csrapproving";
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/** The loop that approves requests of kubelets who may ask for themselves, or for any node. */
export function certificateApprovingLoop(signer: Pick<CertificateSigner, "read">): LoopFactory {
  return (context) => {
    const requests = context.informers.informer(CERTIFICATE_SIGNING_REQUESTS);
    const queue = newQueue(context, NAME);
    const enqueue = (request: CertificateSigningRequest): void => {
      if (request.spec.signerName === KUBELET_CLIENT && isUndecided(request))
        queue.add(keyOf(request));
    };
    requests.addHandler({ added: enqueue, updated: enqueue });
    const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
      const request = requests.lister.get(key);
      if (request === undefined || !isUndecided(request)) return {};
      const content = await signer.read(Buffer.from(request.spec.request, "base64").toString());
      const rights = approvalRights(request, content);
      if (rights.length === 0) return {};
      for (const right of rights) {
        if (!(await mayAsk(context, request, { right, signal }))) continue;
        await approve(context, request, { right, signal });
        return {};
      }
      return { requeueAfterMs: retryAfterMs(request, context.clock.nowMs()) };
    };
    return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
  };
}

interface Asked {
  readonly right: ApprovalRight;
  readonly signal: AbortSignal;
}

async function mayAsk(
  { client }: LoopContext,
  { spec }: CertificateSigningRequest,
  { right, signal }: Asked,
): Promise<boolean> {
  const { username = "", uid = "", groups = [], extra = {} } = spec;
  const resourceAttributes = {
    group: "certificates.k8s.io",
    resource: "certificatesigningrequests",
    subresource: right.subresource,
    verb: "create",
    version: "*",
  };
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user: username, uid, groups, extra, resourceAttributes },
  };
  const body = review as unknown as JsonValue;
  const answer = await client.request("POST", REVIEWS, { body, signal });
  return (answer as unknown as SubjectAccessReview).status?.allowed === true;
}

async function approve(
  { client, clock }: LoopContext,
  request: CertificateSigningRequest,
  { right, signal }: Asked,
): Promise<void> {
  const approved = {
    type: "Approved",
    status: "True",
    reason: "AutoApproved",
    message: right.message,
    lastUpdateTime: formatTime(clock.nowMs()),
  };
  const { status = {} } = request;
  const conditions = [...(status.conditions ?? []), approved];
  const body = { ...request, status: { ...status, conditions } } as unknown as JsonValue;
  const path = `${REQUESTS}/${encodeURIComponent(request.metadata.name)}/approval`;
  try {
    await client.request("PUT", path, { body, signal });
  } catch (error) {
    // It changed meanwhile: its event brings it back.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
