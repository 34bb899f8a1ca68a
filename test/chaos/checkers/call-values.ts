import type { Call, Json } from "../history.js";

/** A field of what a call was given or has answered; undefined when it is not there. */
export function fieldOf(value: Json, field: string): Json | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  return (value as { readonly [k: string]: Json })[field];
}

/** The same as text; "" when it is not there. */
export function textOf(value: Json, field: string): string {
  const found = fieldOf(value, field);
  return typeof found === "string" ? found : "";
}

/** The same as a number; NaN when it is not there. */
export function numberOf(value: Json, field: string): number {
  const found = fieldOf(value, field);
  return typeof found === "number" ? found : Number.NaN;
}

/** The same as a list; empty when it is not there. */
export function listOf(value: Json, field: string): readonly Json[] {
  const found = fieldOf(value, field);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

/** The resourceVersion that a call answered; NaN when there is none. */
export function versionOf(call: Call): number {
  const text = textOf(call.output, "version");
  return text === "" ? Number.NaN : Number(text);
}
