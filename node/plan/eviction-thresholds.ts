import { parseGoDuration } from "../../api/machinery/go-duration.js";
import { parseQuantity, wholeValue } from "../../api/machinery/quantity.js";

/** What can run out on a node, in the kubelet's words. */
export const EVICTION_SIGNALS = [
  "memory.available",
  "nodefs.available",
  "nodefs.inodesFree",
  "imagefs.available",
  "imagefs.inodesFree",
  "pid.available",
] as const;
export type EvictionSignal = (typeof EVICTION_SIGNALS)[number];

/** So much of a signal: as such, or as a part (0 … 1) of all there is. */
export type EvictionAmount = { readonly units: number } | { readonly part: number };

/** From here on pods have to go. */
export interface EvictionThreshold {
  readonly signal: EvictionSignal;
  /** Met when less than this is available. */
  readonly amount: EvictionAmount;
  /** How long it has to be met before anything happens; null: hard, at once. */
  readonly graceMs: number | null;
  /** How much more than `amount` must be available before it counts as resolved. */
  readonly minReclaim: EvictionAmount;
}

/** How a node defends itself. */
export interface EvictionConfig {
  readonly thresholds: readonly EvictionThreshold[];
  /** How long a condition stays after the threshold that caused it was last met. */
  readonly transitionMs: number;
  /** What a pod is given at most to end when a soft threshold is met, in seconds. */
  readonly maxPodGraceSeconds: number;
}

type Texts = Readonly<Record<string, string>>;

/** The kubelet's defaults. */
export const DEFAULT_EVICTION_HARD: Texts = {
  "memory.available": "100Mi",
  "nodefs.available": "10%",
  "nodefs.inodesFree": "5%",
  "imagefs.available": "15%",
  "imagefs.inodesFree": "5%",
};

/** The texts of a configuration, by signal. */
export interface EvictionTexts {
  readonly hard: Texts;
  readonly soft: Texts;
  readonly softGracePeriod: Texts;
  readonly minimumReclaim: Texts;
}

/** Reads thresholds; a text instead says which of them is wrong, and why. 0% and 100% mean none. */
export function parseThresholds(texts: EvictionTexts): readonly EvictionThreshold[] | string {
  const thresholds: EvictionThreshold[] = [];
  for (const kind of ["hard", "soft"] as const)
    for (const [signal, text] of Object.entries(texts[kind])) {
      const read = parseThreshold(kind, { signal, text }, texts);
      if (typeof read === "string") return read;
      if (read !== null) thresholds.push(read);
    }
  const graceless = Object.keys(texts.softGracePeriod).find((it) => texts.soft[it] === undefined);
  if (graceless === undefined) return thresholds;
  return `evictionSoftGracePeriod ${graceless}: there is no soft threshold of this signal`;
}

function parseThreshold(
  kind: "hard" | "soft",
  { signal, text }: { readonly signal: string; readonly text: string },
  texts: EvictionTexts,
): EvictionThreshold | null | string {
  const where = `${kind === "hard" ? "evictionHard" : "evictionSoft"} ${signal}`;
  const known = EVICTION_SIGNALS.find((it) => it === signal);
  if (known === undefined)
    return `${where}: no such signal; there are ${EVICTION_SIGNALS.join(", ")}`;
  const amount = parseAmount(text);
  if (amount === null) return `${where}: ${JSON.stringify(text)} is no quantity and no percentage`;
  if ("part" in amount && (amount.part === 0 || amount.part === 1)) return null;
  const reclaim = texts.minimumReclaim[signal] ?? "0";
  const minReclaim = parseAmount(reclaim);
  if (minReclaim === null)
    return `evictionMinimumReclaim ${signal}: ${JSON.stringify(reclaim)} is no quantity and no percentage`;
  const base = { signal: known, amount, minReclaim };
  if (kind === "hard") return { ...base, graceMs: null };
  const grace = texts.softGracePeriod[signal];
  const parsed = grace === undefined ? null : parseGoDuration(grace);
  if (parsed === null || !parsed.ok || parsed.durationMs < 0)
    return `evictionSoftGracePeriod ${signal}: a soft threshold needs one, such as 1m30s`;
  return { ...base, graceMs: parsed.durationMs };
}

function parseAmount(text: string): EvictionAmount | null {
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) return Number(percent) > 100 ? null : { part: Number(percent) / 100 };
  const quantity = parseQuantity(text);
  if (quantity === null) return null;
  const units = Number(wholeValue(quantity));
  return units < 0 ? null : { units };
}

/** `memory.available<100Mi,nodefs.available<10%` by signal; null: it is not of that form. */
export function parseThresholdList(text: string, sign: "<" | "="): Texts | null {
  const entries = text.split(",").filter((each) => each !== "");
  const pairs = entries.map((each) => each.split(sign));
  if (pairs.some((pair) => pair.length !== 2 || pair.includes(""))) return null;
  return Object.fromEntries(pairs) as Texts;
}

/** How many units of a signal an amount is. */
export function unitsOf(amount: EvictionAmount, capacity: number): number {
  return "units" in amount ? amount.units : Math.floor(capacity * amount.part);
}

/** What hard thresholds keep from pods: allocatable is that much less than capacity. */
export function reservedBy(
  thresholds: readonly EvictionThreshold[],
  signal: EvictionSignal,
  capacity: number,
): number {
  const hard = thresholds.find((it) => it.signal === signal && it.graceMs === null);
  return hard === undefined ? 0 : unitsOf(hard.amount, capacity);
}
