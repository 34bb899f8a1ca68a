import { validatePercent } from "./names.js";

/**
 * The number that an int-or-percent stands for: an integer is itself, "25%" a share of `total`,
 * rounded up or down. Null when the text is no percentage.
 */
export function scaledValue(
  value: number | string,
  total: number,
  round: "up" | "down",
): number | null {
  if (typeof value === "number") return value;
  const percent = percentOf(value);
  if (percent === null) return null;
  // Exact: percent and total are 32-bit integers, so that their product is a safe integer.
  const product = percent * total;
  return round === "up" ? Math.ceil(product / 100) : Math.floor(product / 100);
}

/** 25 for "25%"; null for anything else. */
export function percentOf(value: string): number | null {
  return validatePercent(value).length === 0 ? Number(value.slice(0, -1)) : null;
}

/**
 * How many pods a rolling update of `replicas` pods may add and take away. Both at zero would never
 * get anywhere: then one may be taken away. Percentages: surge is rounded up, unavailable down.
 */
export function resolveFenceposts(
  maxSurge: number | string,
  maxUnavailable: number | string,
  replicas: number,
): { readonly surge: number; readonly unavailable: number } {
  const surge = scaledValue(maxSurge, replicas, "up") ?? 0;
  const unavailable = scaledValue(maxUnavailable, replicas, "down") ?? 0;
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}
