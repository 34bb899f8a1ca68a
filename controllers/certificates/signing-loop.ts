import { isConflict, isNotFound } from "../../api/client/api-error.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { CERTIFICATE_SIGNING_REQUESTS } from "../../api/client/resource-types.js";
import { formatTime } from "../../api/machinery/time.js";
import type {
  CertificateSigningRequest,
  CertificateSigningRequestStatus,
} from "../../api/schema/types/certificates-v1.gen.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import {
  type CertificateSigner,
  isApproved,
  isHandled,
  isOurs,
  whyNotSigned,
} from "./signer-rules.js";

const NAME = "certificate";
/** Kubernetes' --cluster-signing-duration: the longest there is, and what others get. */
const SECONDS_MAX = 365 * 86_400;

/** The loop that hands out certificates for requests that were approved. */
export function certificateSigningLoop(signer: CertificateSigner): LoopFactory {
  return (context) => {
    const requests = context.informers.informer(CERTIFICATE_SIGNING_REQUESTS);
    const queue = newQueue(context, NAME);
    const enqueue = (request: CertificateSigningRequest): void => {
      if (isOurs(request) && isApproved(request) && !isHandled(request)) queue.add(keyOf(request));
    };
    requests.addHandler({ added: enqueue, updated: enqueue });
    const client = context.client.resource(CERTIFICATE_SIGNING_REQUESTS);
    const nextStatus = async (
      request: CertificateSigningRequest,
    ): Promise<CertificateSigningRequestStatus> => {
      const { spec, status = {} } = request;
      const pem = Buffer.from(spec.request, "base64").toString();
      const why = whyNotSigned(request, await signer.read(pem));
      if (why === null) {
        const seconds = Math.min(spec.expirationSeconds ?? SECONDS_MAX, SECONDS_MAX);
        const certificate = await signer.sign(pem, { usages: spec.usages ?? [], seconds });
        return { ...status, certificate: Buffer.from(certificate).toString("base64") };
      }
      const now = formatTime(context.clock.nowMs());
      const failed = {
        type: "Failed",
        status: "True",
        reason: "SignerValidationFailure",
        message: why,
        lastUpdateTime: now,
      };
      return { ...status, conditions: [...(status.conditions ?? []), failed] };
    };
    const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
      const request = requests.lister.get(key);
      if (request === undefined || !isApproved(request) || isHandled(request)) return {};
      const status = await nextStatus(request);
      try {
        await client.update({ ...request, status }, { subresource: "status", signal });
      } catch (error) {
        // It changed meanwhile: its event brings it back.
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
      return {};
    };
    return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
  };
}
