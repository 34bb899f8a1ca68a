import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1123Label, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestSpec,
} from "../../../api/schema/types/certificates-v1.gen.js";
import { base64ToUtf8 } from "../common/base64.js";

const SECONDS_MIN = 600;
const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----/u;
/** What a key can be for, in Kubernetes' words (RFC 5280 §4.2.1.3 and §4.2.1.12). */
const USAGES: readonly string[] = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];
const CONDITION_PATH = "status.conditions";

/** What is wrong with what is asked for. Whether its key has signed it, a signer sees. */
export function validateRequestSpec(spec: CertificateSigningRequestSpec): FieldError[] {
  const { request, usages = [], expirationSeconds, signerName } = spec;
  const errors: FieldError[] = [];
  if (PEM.exec(base64ToUtf8(request))?.[1] !== "CERTIFICATE REQUEST")
    errors.push(invalid("spec.request", request, "PEM block type must be CERTIFICATE REQUEST"));
  if (usages.length === 0) errors.push(required("spec.usages"));
  const seen = new Set<string>();
  for (const [index, usage] of usages.entries()) {
    const path = `spec.usages[${index}]`;
    if (!USAGES.includes(usage)) errors.push(notSupported(path, usage, USAGES));
    if (seen.has(usage)) errors.push(duplicate(path, usage));
    seen.add(usage);
  }
  if (expirationSeconds !== undefined && expirationSeconds < SECONDS_MIN) {
    const text = "may not specify a duration less than 600 seconds (10 minutes)";
    errors.push(invalid("spec.expirationSeconds", expirationSeconds, text));
  }
  return [...errors, ...validateSignerName(signerName, "spec.signerName")];
}

/** Checks the name of a signer: a domain and a path. */
export function validateSignerName(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  if (name === "kubernetes.io/legacy-unknown")
    return [invalid(path, name, "the legacy signerName is not allowed via this API version")];
  const [domain = "", signer = "", ...more] = name.split("/");
  if (more.length > 0 || !name.includes("/")) {
    const text = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, name, text)];
  }
  const errors: FieldError[] = [];
  const labels = domain.split(".");
  for (const label of labels)
    for (const text of validateDns1123Label(label))
      errors.push(invalid(path, domain, `validating label ${JSON.stringify(label)}: ${text}`));
  if (labels.length < 2) {
    const text = "should be a domain with at least two segments separated by dots";
    errors.push(invalid(path, domain, text));
  }
  for (const text of validateDns1123Subdomain(signer)) errors.push(invalid(path, signer, text));
  return errors;
}

/** What is wrong with the conditions as they are to be stored. */
export function validateConditions(
  conditions: readonly CertificateSigningRequestCondition[],
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { type, status }] of conditions.entries()) {
    const path = `${CONDITION_PATH}[${index}]`;
    if (type === "") errors.push(required(`${path}.type`));
    if (status === "") errors.push(required(`${path}.status`));
    else if (["Approved", "Denied", "Failed"].includes(type) && status !== "True")
      errors.push(notSupported(`${path}.status`, status, ["True"]));
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
    const other = type === "Approved" ? "Denied" : type === "Denied" ? "Approved" : null;
    if (other !== null && seen.has(other)) {
      const text = "Approved and Denied conditions are mutually exclusive";
      errors.push(invalid(`${path}.type`, type, text));
    }
  }
  return errors;
}

/** A decision stands. */
export function validateDecisionsKept(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
): FieldError[] {
  const now = new Set((request.status?.conditions ?? []).map(({ type }) => type));
  return (old.status?.conditions ?? [])
    .filter(({ type }) => !now.has(type))
    .map(({ type }) =>
      forbidden(
        CONDITION_PATH,
        `updates may not remove a condition of type ${JSON.stringify(type)}`,
      ),
    );
}
