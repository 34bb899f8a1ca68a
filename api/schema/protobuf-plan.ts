import type { FieldSchema, FieldType, TypeSchema } from "./type-schema.js";

/** How a type is written: 0 varint, 1 eight bytes, 2 length and bytes. */
export function wireTypeOf(type: FieldType): number {
  if (type.kind !== "scalar") return 2;
  if (type.scalar === "double") return 1;
  return type.scalar === "bool" || type.scalar === "int32" || type.scalar === "int64" ? 0 : 2;
}

/** How a type's fields lie on the wire. */
export interface WirePlan {
  /** Own fields and embedded messages, highest tag first. */
  readonly steps: readonly (
    | { readonly tag: number; readonly field: FieldSchema }
    | { readonly tag: number; readonly fields: readonly FieldSchema[] }
  )[];
  /** By 1000 × tag of the embedded message (0: none) + tag. */
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
  const embedded = new Set(fields.map((field) => field.outerTag).filter((tag) => tag !== 0));
  const own = fields
    .filter((field) => field.outerTag === 0)
    .map((field) => ({ tag: field.tag, field }));
  const nested = [...embedded].map((tag) => ({
    tag,
    fields: fields.filter((field) => field.outerTag === tag).sort((a, b) => b.tag - a.tag),
  }));
  return {
    steps: [...own, ...nested].sort((a, b) => b.tag - a.tag),
    byTag: new Map(fields.map((field) => [field.outerTag * 1000 + field.tag, field] as const)),
    embedded,
  };
}
