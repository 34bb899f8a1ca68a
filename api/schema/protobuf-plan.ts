import type { FieldSchema, FieldType, TypeSchema } from "./type-schema.js";

/** How a type is written: 0 varint, 1 eight bytes, 2 length and bytes. */
export function wireTypeOf(type: FieldType): number {
  if (type.kind !== "scalar") return 2;
  if (type.scalar === "double") return 1;
  return type.scalar === "bool" || type.scalar === "int32" || type.scalar === "int64" ? 0 : 2;
}

/** A field, or an embedded message with fields of its own, highest tag first. */
export type WireStep =
  | { readonly tag: number; readonly field: FieldSchema }
  | { readonly tag: number; readonly steps: readonly WireStep[] };

/**
 * How a type's fields lie on the wire. An embedded message is known by its path, 1000 × path of the
 * message around it (0: none) + tag.
 */
export interface WirePlan {
  readonly steps: readonly WireStep[];
  /** By 1000 × path of the embedded message + tag. */
  readonly byTag: ReadonlyMap<number, FieldSchema>;
  readonly embedded: ReadonlySet<number>;
}

const plans = new Map<TypeSchema, WirePlan>();

/** Worked out once for each type. */
export function wirePlanOf(type: TypeSchema): WirePlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = makePlan(type);
    plans.set(type, plan);
  }
  return plan;
}

function makePlan(type: TypeSchema): WirePlan {
  const fields = type.fields.filter((field) => field.tag !== 0);
  const embedded = new Set(fields.flatMap((field) => pathsTo(field.outerTag)));
  return {
    steps: stepsIn(0, fields, [...embedded]),
    byTag: new Map(fields.map((field) => [field.outerTag * 1000 + field.tag, field] as const)),
    embedded,
  };
}

/** The embedded message itself and those around it. */
function pathsTo(path: number): readonly number[] {
  return path === 0 ? [] : [path, ...pathsTo(Math.floor(path / 1000))];
}

function stepsIn(
  path: number,
  fields: readonly FieldSchema[],
  embedded: readonly number[],
): readonly WireStep[] {
  const own: readonly WireStep[] = fields
    .filter((field) => field.outerTag === path)
    .map((field) => ({ tag: field.tag, field }));
  const nested = embedded
    .filter((inner) => Math.floor(inner / 1000) === path)
    .map((inner) => ({ tag: inner % 1000, steps: stepsIn(inner, fields, embedded) }));
  return [...own, ...nested].sort((a, b) => b.tag - a.tag);
}
