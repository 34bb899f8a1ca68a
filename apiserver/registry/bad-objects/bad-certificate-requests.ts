import type { JsonObject } from "../../../api/schema/wire-types.js";
import { utf8ToBase64 } from "../common/base64.js";
import { bad, type BadObject, missing, twice, withSpec, wrong } from "./bad-object.js";

const [BEGIN, END] = ["-----BEGIN ", "-----END "];
/** A request of the right form. */
const GOOD = utf8ToBase64(`${BEGIN}CERTIFICATE REQUEST-----
AAAA
${END}CERTIFICATE REQUEST-----
`);
const OTHER = utf8ToBase64(`${BEGIN}CERTIFICATE-----
AAAA
${END}CERTIFICATE-----
`);

const request = (spec: JsonObject): JsonObject =>
  withSpec("certificates.k8s.io/v1", "CertificateSigningRequest", {
    request: GOOD,
    signerName: "example.com/signer",
    usages: ["client auth"],
    ...spec,
  });
const FORM = "must be a fully qualified domain and path of the form 'example.com/signer-name'";

/** CertificateSigningRequests that are wrong. */
export const BAD_CERTIFICATE_REQUESTS: readonly BadObject[] = [
  bad(
    "request that is a certificate",
    request({ request: OTHER }),
    wrong("spec.request", OTHER, "PEM block type must be CERTIFICATE REQUEST"),
  ),
  bad("request for a key without a use", request({ usages: [] }), missing("spec.usages")),
  bad(
    "request with a use twice",
    request({ usages: ["client auth", "client auth"] }),
    twice("spec.usages[1]", "client auth"),
  ),
  bad(
    "request for a minute",
    request({ expirationSeconds: 60 }),
    wrong(
      "spec.expirationSeconds",
      60,
      "may not specify a duration less than 600 seconds (10 minutes)",
    ),
  ),
  bad("request to nobody", request({ signerName: "" }), missing("spec.signerName")),
  bad(
    "request to a signer without a domain",
    request({ signerName: "signer" }),
    wrong("spec.signerName", "signer", FORM),
  ),
  bad(
    "request to a domain of one label",
    request({ signerName: "example/signer" }),
    wrong(
      "spec.signerName",
      "example",
      "should be a domain with at least two segments separated by dots",
    ),
  ),
  bad(
    "request to the signer of old",
    request({ signerName: "kubernetes.io/legacy-unknown" }),
    wrong(
      "spec.signerName",
      "kubernetes.io/legacy-unknown",
      "the legacy signerName is not allowed via this API version",
    ),
  ),
];
