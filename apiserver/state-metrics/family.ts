import { parseQuantity } from "../../api/machinery/quantity.js";
import { parseTimeMs } from "../../api/machinery/time.js";
import type { ObjectMeta } from "../../api/schema/types/meta-v1.gen.js";
import type { ResourceId } from "../storage/keys.js";

/** Undefined values are left out, null ones are empty. */
export type Labels = Readonly<Record<string, string | null | undefined>>;

/** A number with labels beyond those that name the object. */
export type Sample = readonly [labels: Labels, value: number];

/** Metrics of one name. `of` gives what one object has: a number, several with labels, or nothing. */
export interface Family<T> {
  readonly name: string;
  readonly help: string;
  readonly type?: "counter";
  readonly of: (object: T) => number | undefined | null | readonly Sample[];
}

/** The metrics of one kind. */
export interface KindMetrics<T> {
  readonly resource: ResourceId;
  /** Labels that name the object. */
  readonly names: (object: T) => Labels;
  readonly families: readonly Family<T>[];
}

/** `kind` with its type parameter closed, for lists of several. */
export function kindMetrics<T>(kind: KindMetrics<T>): KindMetrics<unknown> {
  return kind as KindMetrics<unknown>;
}

/** What Prometheus' text format has before the samples of a family. */
export function familyHead({ name, help, type }: Family<never>): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type ?? "gauge"}\n`;
}

/** A family that is one number of the object. */
export function number<T>(
  name: string,
  help: string,
  of: (object: T) => number | undefined,
): Family<T> {
  return { name, help, of };
}

/** Namespace and name, as labels. */
export function named(
  label: string,
): (object: { readonly metadata: Partial<ObjectMeta> }) => Labels {
  return ({ metadata: { namespace, name } }) => ({ namespace, [label]: name });
}

/** The lines of one object, one text for each family; "" where it has nothing. */
export function renderObject<T>(kind: KindMetrics<T>, object: T): readonly string[] {
  const names = labelText(kind.names(object));
  return kind.families.map(({ name, of }) => {
    const found = of(object);
    if (found === undefined || found === null) return "";
    const samples = typeof found === "number" ? [[{}, found] as const] : found;
    return samples
      .map(([labels, value]) => {
        const more = labelText(labels);
        const both = names !== "" && more !== "" ? `${names},${more}` : names + more;
        return `${name}{${both}} ${value}\n`;
      })
      .join("");
  });
}

function labelText(labels: Labels): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(labels))
    if (value !== undefined) parts.push(`${name}="${escaped(value ?? "")}"`);
  return parts.join(",");
}

function escaped(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

/** Seconds since 1970. */
export function seconds(time: string | undefined): number | undefined {
  const ms = time === undefined ? null : parseTimeMs(time);
  return ms === null ? undefined : ms / 1000;
}

/** An amount as a number: cores, bytes, pieces. */
export function amount(quantity: string | undefined): number | undefined {
  const parsed = quantity === undefined ? null : parseQuantity(quantity);
  return parsed === null ? undefined : Number(parsed.nanos) / 1e9;
}

/** One sample for each value that could be: 1 for the one that is. */
export function oneOf(label: string, values: readonly string[], is: string | undefined): Sample[] {
  return values.map((value) => [{ [label]: value }, value === is ? 1 : 0]);
}

/** One condition of an object as three samples; nothing while the object has no such condition. */
export function condition<T extends WithConditions>(
  name: string,
  help: string,
  type: string,
): Family<T> {
  return {
    name,
    help,
    of: ({ status }) => {
      const found = status?.conditions?.find((one) => one.type === type);
      return found === undefined
        ? undefined
        : oneOf("condition", ["true", "false", "unknown"], found.status.toLowerCase());
    },
  };
}

interface WithConditions {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Conditions as three samples each: true, false, unknown. */
export function conditionSamples(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  more: (condition: { readonly type: string; readonly reason?: string }) => Labels = () => ({}),
): Sample[] {
  return (conditions ?? []).flatMap((condition) =>
    ["true", "false", "unknown"].map((status): Sample => {
      const labels = { condition: condition.type, status, ...more(condition) };
      return [labels, condition.status.toLowerCase() === status ? 1 : 0];
    }),
  );
}

/** Resources as kube-state-metrics spells them, with the unit that they are counted in. */
export function resourceSamples(
  list: Readonly<Record<string, string>> | undefined,
  labels: Labels = {},
): Sample[] {
  return Object.entries(list ?? {}).flatMap(([resource, quantity]): Sample[] => {
    const value = amount(quantity);
    const spelled = resource.replaceAll(/[^a-zA-Z0-9_]/g, "_");
    return value === undefined
      ? []
      : [[{ ...labels, resource: spelled, unit: unitOf(resource) }, value]];
  });
}

function unitOf(resource: string): string {
  if (resource === "cpu") return "core";
  return /^(memory|ephemeral-storage|storage|hugepages-.*)$/.test(resource) ? "byte" : "integer";
}

/** Who owns the object; without an owner one sample that says so. */
export function ownerSamples({ ownerReferences = [] }: Partial<ObjectMeta>): Sample[] {
  if (ownerReferences.length === 0)
    return [[{ owner_kind: "", owner_name: "", owner_is_controller: "" }, 1]];
  return ownerReferences.map(({ kind, name, controller = false }) => [
    { owner_kind: kind, owner_name: name, owner_is_controller: String(controller) },
    1,
  ]);
}
