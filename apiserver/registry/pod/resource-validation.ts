import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1123Label, validateQualifiedName } from "../../../api/machinery/names.js";
import { milliValue, parseQuantity, ZERO_QUANTITY } from "../../../api/machinery/quantity.js";
import type { ResourceClaim, ResourceRequirements } from "../../../api/schema/types/core-v1.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";
import { compareAmounts, showAmount } from "../common/amounts.js";
import { invalidEach, NOT_NEGATIVE } from "../common/field-error-builders.js";

const HUGE_PAGES = "hugepages-";
const CONTAINER_RESOURCES: readonly string[] = ["cpu", "memory", "ephemeral-storage"];
const COUNTED_RESOURCES: readonly string[] = [
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
  "services.loadbalancers",
  "services.nodeports",
];
const STANDARD_RESOURCES: ReadonlySet<string> = new Set([
  ...CONTAINER_RESOURCES,
  ...CONTAINER_RESOURCES.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...COUNTED_RESOURCES,
  "storage",
  "requests.storage",
]);
const POD_RESOURCES: readonly string[] = ["cpu", "hugepages-", "memory"];

/** What the requirements belong to. */
export interface ResourceOwner {
  /** The names in spec.resourceClaims. */
  readonly claimNames: ReadonlySet<string>;
  /** True for spec.resources, false for those of a container. */
  readonly isPod: boolean;
}

/** Checks requests and limits: names, amounts, and no request above its limit. */
export function validateResources(
  resources: ResourceRequirements,
  path: string,
  owner: ResourceOwner,
): FieldError[] {
  const errors: FieldError[] = [];
  const { limits = {}, requests = {} } = resources;
  for (const [name, amount] of Object.entries(limits))
    errors.push(...validateAmount(name, amount, { path: `${path}.limits[${name}]`, owner }));
  for (const [name, amount] of Object.entries(requests)) {
    errors.push(...validateAmount(name, amount, { path: `${path}.requests[${name}]`, owner }));
    errors.push(...validateAgainstLimit(name, amount, { limit: limits[name], path }));
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const hasHugePages = names.some((name) => name.startsWith(HUGE_PAGES));
  if (hasHugePages && !names.includes("cpu") && !names.includes("memory"))
    errors.push(forbidden(path, "HugePages require cpu or memory"));
  errors.push(...validateClaims(resources.claims ?? [], `${path}.claims`, owner.claimNames));
  return errors;
}

/** Checks an amount of a resource: not negative, and whole where only whole ones exist. */
export function validateResourceQuantity(
  name: string,
  amount: Quantity,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const parsed = parseQuantity(amount) ?? ZERO_QUANTITY;
  if (parsed.nanos < 0n) errors.push(invalid(path, showAmount(amount), NOT_NEGATIVE));
  const whole = COUNTED_RESOURCES.includes(name) || isExtended(name);
  if (whole && milliValue(parsed) % 1000n !== 0n)
    errors.push(invalid(path, showAmount(amount), "must be an integer"));
  return errors;
}

function validateAmount(
  name: string,
  amount: Quantity,
  { path, owner }: { path: string; owner: ResourceOwner },
): FieldError[] {
  const errors = owner.isPod
    ? validatePodName(name, path)
    : validateContainerResourceName(name, path);
  errors.push(...validateResourceQuantity(name, amount, path));
  if (name.startsWith(HUGE_PAGES) && !isMultipleOf(amount, name.slice(HUGE_PAGES.length))) {
    const text = `${showAmount(amount)} is not positive integer multiple of ${name}`;
    errors.push(invalid(path, showAmount(amount), text));
  }
  return errors;
}

function validateAgainstLimit(
  name: string,
  amount: Quantity,
  { limit, path }: { limit: Quantity | undefined; path: string },
): FieldError[] {
  const exact = !isOvercommittable(name);
  if (limit === undefined) {
    const text = "Limit must be set for non overcommitable resources";
    return exact ? [required(`${path}.limits`, text)] : [];
  }
  const order = compareAmounts(amount, limit);
  const relation = exact ? "equal to" : "less than or equal to";
  if (exact ? order === 0 : order <= 0) return [];
  const text = `must be ${relation} ${name} limit of ${showAmount(limit)}`;
  return [invalid(`${path}.requests`, showAmount(amount), text)];
}

function validateName(name: string, path: string): FieldError[] {
  const errors = invalidEach(path, name, validateQualifiedName(name));
  if (errors.length > 0 || name.includes("/")) return errors;
  const known = STANDARD_RESOURCES.has(name) || /^(requests\.)?hugepages-/.test(name);
  return known ? [] : [invalid(path, name, "must be a standard resource type or fully qualified")];
}

/** Checks the name of a resource that containers can ask for. */
export function validateContainerResourceName(name: string, path: string): FieldError[] {
  const errors = validateName(name, path);
  if (!name.includes("/")) {
    if (CONTAINER_RESOURCES.includes(name) || name.startsWith(HUGE_PAGES)) return errors;
    errors.push(invalid(path, name, "must be a standard resource for containers"));
  } else if (!isNative(name) && !isExtended(name))
    errors.push(invalid(path, name, "doesn't follow extended resource name standard"));
  return errors;
}

function validatePodName(name: string, path: string): FieldError[] {
  const errors = validateName(name, path);
  const supported = name === "cpu" || name === "memory" || name.startsWith(HUGE_PAGES);
  if (errors.length > 0 || supported) return errors;
  return [notSupported(path, name, POD_RESOURCES)];
}

function isNative(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

function isExtended(name: string): boolean {
  if (isNative(name) || name.startsWith("requests.")) return false;
  return validateQualifiedName(`requests.${name}`).length === 0;
}

function isOvercommittable(name: string): boolean {
  return isNative(name) && !name.startsWith(HUGE_PAGES);
}

function isMultipleOf(amount: Quantity, page: Quantity): boolean {
  const size = parseQuantity(page)?.nanos ?? 0n;
  const total = parseQuantity(amount)?.nanos ?? 0n;
  return size > 0n && total > 0n && total % size === 0n;
}

function validateClaims(
  claims: readonly ResourceClaim[],
  path: string,
  known: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const used = new Set<string>();
  for (const [index, { name, request = "" }] of claims.entries()) {
    const at = `${path}[${index}]`;
    if (name === "") {
      errors.push(required(at));
      continue;
    }
    const key = request === "" ? name : `${name}/${request}`;
    const overlaps = request === "" && [...used].some((other) => other.startsWith(`${name}/`));
    if (used.has(name)) errors.push(duplicate(at, name));
    else if (used.has(key) || overlaps) errors.push(duplicate(at, key));
    if (request !== "")
      errors.push(...invalidEach(`${at}.request`, request, validateDns1123Label(request)));
    used.add(key);
    if (known.has(name)) continue;
    const list = known.size === 0 ? " which is empty" : `: ${[...known].sort().join(", ")}`;
    const detail = `must be one of the names in pod.spec.resourceClaims${list}`;
    errors.push({ ...notFound(at, name), detail });
  }
  return errors;
}
