import { forbidden } from "../../api/machinery/status.js";
import type { CertificateSigningRequest } from "../../api/schema/types/certificates-v1.gen.js";
import type { ClusterTrustBundle } from "../../api/schema/types/certificates-v1beta1.gen.js";
import type { Authorizer } from "../auth/authorizer.js";
import { ApiFailure } from "../server/api-failure.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const GROUP = "certificates.k8s.io";
/** What it takes beside the right to write through a path. */
const VERBS: Readonly<Record<string, string>> = { approval: "approve", status: "sign" };

/**
 * Who decides about requests to a signer needs the verb `approve` for it, who hands certificates
 * out the verb `sign`: Kubernetes' CertificateApproval and CertificateSigning. Who says whom to
 * trust in a signer's name needs `attest` (ClusterTrustBundleAttest).
 */
export class CertificateSigners implements AdmissionPlugin {
  readonly name = "CertificateSigners";
  private readonly authorizer: Authorizer;

  constructor(authorizer: Authorizer) {
    this.authorizer = authorizer;
  }

  validate(attributes: AdmissionAttributes): void {
    const { kind, operation, subresource, object, oldObject } = attributes;
    const verb = VERBS[subresource];
    if (kind.kind === "ClusterTrustBundle") return this.validateBundle(attributes);
    if (kind.group !== GROUP || kind.kind !== "CertificateSigningRequest") return;
    if (operation !== "UPDATE" || verb === undefined || oldObject === null) return;
    const before = oldObject as CertificateSigningRequest;
    if (verb === "sign" && !hasNews(before, object as CertificateSigningRequest)) return;
    const { signerName } = before.spec;
    if (this.may(attributes, verb, signerName)) return;
    const quoted = JSON.stringify(signerName);
    const text = `user not permitted to ${verb} requests with signerName ${quoted}`;
    const about = { group: GROUP, resource: kind.plural };
    throw new ApiFailure(forbidden(about, before.metadata.name, text));
  }

  private validateBundle(attributes: AdmissionAttributes): void {
    const { kind, operation, object, oldObject } = attributes;
    if (operation !== "CREATE" && operation !== "UPDATE") return;
    const bundle = object as ClusterTrustBundle;
    const before = oldObject as ClusterTrustBundle | null;
    const { signerName = "", trustBundle } = bundle.spec;
    const isNews =
      before === null ||
      before.spec.signerName !== bundle.spec.signerName ||
      before.spec.trustBundle !== trustBundle;
    if (signerName === "" || !isNews || this.may(attributes, "attest", signerName)) return;
    const text = `user not permitted to attest for signerName ${JSON.stringify(signerName)}`;
    const about = { group: GROUP, resource: kind.plural };
    throw new ApiFailure(forbidden(about, bundle.metadata.name, text));
  }

  private may({ identity }: AdmissionAttributes, verb: string, signerName: string): boolean {
    const domain = signerName.split("/")[0] ?? "";
    return [signerName, `${domain}/*`].some((name) => {
      const asked = { verb, group: GROUP, resource: "signers", subresource: "", name } as const;
      return this.authorizer.authorize(identity, { type: "resource", namespace: "", ...asked })
        .allowed;
    });
  }
}

/** Whether a certificate is handed out, or said to have failed. */
function hasNews(before: CertificateSigningRequest, after: CertificateSigningRequest): boolean {
  const failed = ({ status }: CertificateSigningRequest): boolean =>
    (status?.conditions ?? []).some(({ type }) => type === "Failed");
  return (
    before.status?.certificate !== after.status?.certificate || failed(before) !== failed(after)
  );
}
