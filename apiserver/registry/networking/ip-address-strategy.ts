import type { FieldError } from "../../../api/machinery/field-errors.js";
import { validateDns1123Subdomain, validatePathSegment } from "../../../api/machinery/names.js";
import type { IPAddress, ParentReference } from "../../../api/schema/types/networking-v1.gen.js";
import { ageOf } from "../common/age.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateImmutable } from "../common/immutable.js";
import { formatIp, parseIp } from "../common/ip-address.js";
import { column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import { validateRequiredSegment } from "../common/validate-domain-path.js";
import type { NameValidator, Strategy, TableDefinition } from "../strategy.js";

const PATH = "spec.parentRef";

/** One address has one name: as Go and RFC 5952 write it. */
const nameIsAddress: NameValidator = (name) => {
  const address = parseIp(name);
  if (address === null) return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
  const canonical = formatIp(address);
  return name === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`];
};

const table: TableDefinition<IPAddress> = {
  columns: [
    NAME_COLUMN,
    column("ParentRef", "Who has the address."),
    wideColumn("Age", "The time since the address was taken."),
  ],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    parentOf(spec.parentRef),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** IPAddresses: another owner is another object. */
export const ipAddressStrategy: Strategy<IPAddress> = {
  validateName: nameIsAddress,
  prepareForCreate: (address) => address,
  prepareForUpdate: (address) => address,
  validate: ({ spec }) => validateParent(spec.parentRef),
  validateUpdate: ({ spec }, old) =>
    validateImmutable(PATH, { value: spec.parentRef, old: old.spec.parentRef }),
  table,
};

function validateParent({ group = "", resource, namespace = "", name }: ParentReference) {
  const errors: FieldError[] = [];
  if (group !== "")
    errors.push(...invalidEach(`${PATH}.group`, group, validateDns1123Subdomain(group)));
  errors.push(...validateRequiredSegment(resource, `${PATH}.resource`));
  errors.push(...validateRequiredSegment(name, `${PATH}.name`));
  if (namespace !== "")
    errors.push(...invalidEach(`${PATH}.namespace`, namespace, validatePathSegment(namespace)));
  return errors;
}

function parentOf({ group = "", resource, namespace = "", name }: ParentReference): string {
  const type = group === "" ? resource : `${resource}.${group}`;
  return [type, namespace, name].filter((part) => part !== "").join("/");
}
