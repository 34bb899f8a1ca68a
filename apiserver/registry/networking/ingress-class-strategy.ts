import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import {
  byteLength,
  validateDns1123Label,
  validateDns1123Subdomain,
} from "../../../api/machinery/names.js";
import type {
  IngressClass,
  IngressClassParametersReference,
} from "../../../api/schema/types/networking-v1.gen.js";
import { ageOf } from "../common/age.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { specChanged, withFirstGeneration, withNextGeneration } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import { validateDomainPath, validateRequiredSegment } from "../common/validate-domain-path.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const CONTROLLER_BYTES_MAX = 250;
const SCOPES: readonly string[] = ["Cluster", "Namespace"];

const table: TableDefinition<IngressClass> = {
  columns: [
    NAME_COLUMN,
    column("Controller", "Who serves the Ingresses of this class."),
    column("Parameters", "What configures the controller."),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec }, nowMs) => [
    metadata.name,
    spec.controller ?? "",
    parametersOf(spec.parameters),
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

/** IngressClasses: the controller never changes. */
export const ingressClassStrategy: Strategy<IngressClass> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (ingressClass) => withFirstGeneration(ingressClass),
  prepareForUpdate: (ingressClass, old) =>
    withNextGeneration(ingressClass, old, specChanged(ingressClass, old)),
  validate: validateIngressClass,
  validateUpdate(ingressClass, old) {
    const { controller } = ingressClass.spec;
    const errors = validateIngressClass(ingressClass);
    if (controller === old.spec.controller) return errors;
    return [invalid("spec.controller", controller ?? "", IMMUTABLE), ...errors];
  },
  table,
};

function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const { controller = "", parameters } = spec;
  const errors: FieldError[] = [];
  if (byteLength(controller) > CONTROLLER_BYTES_MAX)
    errors.push(tooLong("spec.controller", CONTROLLER_BYTES_MAX));
  errors.push(...validateDomainPath(controller, "spec.controller"));
  if (parameters === undefined) return errors;
  return [...errors, ...validateParameters(parameters, "spec.parameters")];
}

function validateParameters(
  { apiGroup, kind, name, scope, namespace }: IngressClassParametersReference,
  path: string,
): FieldError[] {
  const group = apiGroup === undefined ? [] : validateDns1123Subdomain(apiGroup);
  const errors = invalidEach(`${path}.apiGroup`, apiGroup, group);
  errors.push(...validateRequiredSegment(kind, `${path}.kind`));
  errors.push(...validateRequiredSegment(name, `${path}.name`));
  if (scope === undefined) return [...errors, required(`${path}.scope`)];
  if (!SCOPES.includes(scope)) return [...errors, notSupported(`${path}.scope`, scope, SCOPES)];
  const at = `${path}.namespace`;
  if (scope === "Cluster") {
    const text = "`parameters.scope` is set to 'Cluster'";
    return namespace === undefined ? errors : [...errors, forbidden(at, text)];
  }
  const text = "`parameters.scope` is set to 'Namespace'";
  if (namespace === undefined) return [...errors, required(at, text)];
  return [...errors, ...invalidEach(at, namespace, validateDns1123Label(namespace))];
}

function parametersOf(parameters: IngressClassParametersReference | undefined): string {
  if (parameters === undefined) return "<none>";
  const { apiGroup = "", kind, name, scope, namespace = "" } = parameters;
  const group = apiGroup === "" ? "" : `.${apiGroup}`;
  const where = scope === "Namespace" ? `${namespace}/` : "";
  return `${kind}${group}/${where}${name}`;
}
