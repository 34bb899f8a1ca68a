import type { ClusterTrustBundle } from "../../../api/schema/types/certificates-v1beta1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { column, NAME_COLUMN } from "../common/table-columns.js";
import type { NameValidator, Strategy, TableDefinition } from "../strategy.js";
import { validateSignerName } from "./signing-request-validation.js";
import { validateTrustBundle } from "./trust-bundle-validation.js";

/** With a signer the name begins with it, a colon after each part; what follows is a DNS name. */
const validateName: NameValidator = (name, prefix) => {
  const colon = name.lastIndexOf(":");
  return nameIsDnsSubdomain(colon < 0 ? name : name.slice(colon + 1), prefix);
};

const table: TableDefinition<ClusterTrustBundle> = {
  columns: [NAME_COLUMN, column("SignerName", "The signer that the certificates belong to.")],
  cells: ({ metadata, spec }) => [
    metadata.name,
    (spec.signerName ?? "") === "" ? "<none>" : (spec.signerName ?? ""),
  ],
};

/** ClusterTrustBundles (KEP-3257): whose certificates they are never changes. */
export const clusterTrustBundleStrategy: Strategy<ClusterTrustBundle> = {
  validateName,
  prepareForCreate: (bundle) => bundle,
  prepareForUpdate: (bundle) => bundle,
  validate: (bundle) => [
    ...validateSigner(bundle),
    ...validateTrustBundle(bundle.spec.trustBundle, "spec.trustBundle"),
  ],
  validateUpdate: (bundle, old) => [
    ...(bundle.spec.trustBundle === old.spec.trustBundle
      ? []
      : validateTrustBundle(bundle.spec.trustBundle, "spec.trustBundle")),
    ...validateImmutable("spec.signerName", {
      value: bundle.spec.signerName,
      old: old.spec.signerName,
    }),
  ],
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName ?? "" },
  table,
};

function validateSigner({ metadata, spec }: ClusterTrustBundle) {
  const { name } = metadata;
  const { signerName = "" } = spec;
  if (signerName === "") {
    if (!name.includes(":")) return [];
    const text = 'ClusterTrustBundle without signer name must not have ":" in its name';
    return invalidEach("metadata.name", name, [text]);
  }
  const wanted = `${signerName.replace("/", ":")}:`;
  const text = `ClusterTrustBundle for signerName ${signerName} must be named with prefix ${wanted}`;
  return [
    ...(name.startsWith(wanted) ? [] : invalidEach("metadata.name", name, [text])),
    ...validateSignerName(signerName, "spec.signerName"),
  ];
}
