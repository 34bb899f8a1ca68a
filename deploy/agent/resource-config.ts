import { parseGoDuration } from "../../api/machinery/go-duration.js";
import { milliValue, parseQuantity, wholeValue } from "../../api/machinery/quantity.js";
import {
  DEFAULT_EVICTION_HARD,
  type EvictionConfig,
  parseThresholdList,
  parseThresholds,
} from "../../node/plan/eviction-thresholds.js";
import { IMAGE_POLICY, type ImagePolicy } from "../../node/plan/image-garbage.js";
import type { ReservedResources } from "../../node/plan/node-object.js";
import { CommandError } from "../cli/output.js";

type Plain = Readonly<Record<string, unknown>>;

/** The fields by which an agent is told how to husband its node, named as the kubelet's. */
export const RESOURCE_FIELDS = [
  "maxPods",
  "systemReserved",
  "kubeReserved",
  "imageGCHighThresholdPercent",
  "imageGCLowThresholdPercent",
  "imageMinimumGCAge",
  "evictionHard",
  "evictionSoft",
  "evictionSoftGracePeriod",
  "evictionMinimumReclaim",
  "evictionPressureTransitionPeriod",
  "evictionMaxPodGracePeriod",
] as const;

const TRANSITION_MS = 300_000;

const MAX_PODS = 110;
const RESERVABLE = ["cpu", "memory", "ephemeral-storage"];

/** The kubelet's default is 110. A number, or the text of a flag. Throws CommandError "Usage". */
export function parseMaxPods(value: unknown): number {
  const count = wholeNumber(value ?? MAX_PODS);
  if (count === null) throw usage(`maxPods: ${JSON.stringify(value)} is no number of pods`);
  return count;
}

/** From a file or the text of a flag; null: it is none. */
function wholeNumber(value: unknown): number | null {
  const given = typeof value === "string" && /^\d{1,9}$/u.test(value) ? Number(value) : value;
  return typeof given === "number" && Number.isInteger(given) && given >= 0 ? given : null;
}

/**
 * What the host's own daemons and Raftsman are to have, together: pods may ask for the rest. Throws
 * CommandError "Usage".
 */
export function parseReserved(input: Plain): ReservedResources {
  const both = ["systemReserved", "kubeReserved"].map((field) => reservedIn(input, field));
  const sum = (of: (one: ReservedResources) => number): number =>
    both.reduce((total, one) => total + of(one), 0);
  return {
    cpuMilli: sum(({ cpuMilli }) => cpuMilli),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    ephemeralStorageBytes: sum(({ ephemeralStorageBytes }) => ephemeralStorageBytes),
  };
}

function reservedIn(input: Plain, field: string): ReservedResources {
  const given = texts(input, field, { sign: "=", example: "cpu" }) ?? {};
  const amount = (name: string): number => {
    const text = given[name];
    if (text === undefined) return 0;
    const quantity = parseQuantity(text);
    const value =
      quantity === null ? null : name === "cpu" ? milliValue(quantity) : wholeValue(quantity);
    if (value === null || value < 0n)
      throw usage(
        `${field}: ${name}=${text}: an amount such as ${name === "cpu" ? "100m" : "1Gi"} is wanted`,
      );
    return Number(value);
  };
  for (const name of Object.keys(given))
    if (!RESERVABLE.includes(name))
      throw usage(`${field}: ${JSON.stringify(name)} is none of ${RESERVABLE.join(", ")}`);
  const [cpu = "", memory = "", storage = ""] = RESERVABLE;
  return {
    cpuMilli: amount(cpu),
    memoryBytes: amount(memory),
    ephemeralStorageBytes: amount(storage),
  };
}

/** Throws CommandError "Usage". */
export function parseImagePolicy(input: Plain): ImagePolicy {
  const highPercent = percent(input, "imageGCHighThresholdPercent", IMAGE_POLICY.highPercent);
  const lowPercent = percent(input, "imageGCLowThresholdPercent", IMAGE_POLICY.lowPercent);
  if (lowPercent >= highPercent)
    throw usage(
      `imageGCLowThresholdPercent: ${lowPercent} is not below ` +
        `imageGCHighThresholdPercent: ${highPercent}`,
    );
  const minAgeMs = duration(input["imageMinimumGCAge"], "imageMinimumGCAge");
  return { highPercent, lowPercent, minAgeMs: minAgeMs ?? IMAGE_POLICY.minAgeMs };
}

/** Hard thresholds replace all of the defaults. Throws CommandError "Usage". */
export function parseEviction(input: Plain): EvictionConfig {
  const thresholds = parseThresholds({
    hard: texts(input, "evictionHard", { sign: "<" }) ?? DEFAULT_EVICTION_HARD,
    soft: texts(input, "evictionSoft", { sign: "<" }) ?? {},
    softGracePeriod: texts(input, "evictionSoftGracePeriod", { sign: "=" }) ?? {},
    minimumReclaim: texts(input, "evictionMinimumReclaim", { sign: "=" }) ?? {},
  });
  if (typeof thresholds === "string") throw usage(thresholds);
  const field = "evictionPressureTransitionPeriod";
  const seconds = input["evictionMaxPodGracePeriod"] ?? 0;
  const maxPodGraceSeconds = wholeNumber(seconds);
  if (maxPodGraceSeconds === null)
    throw usage(`evictionMaxPodGracePeriod: ${JSON.stringify(seconds)} is no number of seconds`);
  const transitionMs = duration(input[field], field) ?? TRANSITION_MS;
  return { thresholds, transitionMs, maxPodGraceSeconds };
}

/** An object of texts, or the form that kubelet's flags have; null when it is not given. */
function texts(
  input: Plain,
  field: string,
  { sign, example = "memory.available" }: { readonly sign: "<" | "="; readonly example?: string },
): Record<string, string> | null {
  const value = input[field];
  if (value === undefined) return null;
  if (typeof value === "string") {
    const pairs = parseThresholdList(value, sign);
    if (pairs !== null) return { ...pairs };
    throw usage(`${field}: ${JSON.stringify(value)} is not of the form ${example}${sign}…`);
  }
  const isTexts =
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((each) => typeof each === "string");
  if (!isTexts) throw usage(`${field}: an object of texts is wanted, such as by ${example}`);
  return value as Record<string, string>;
}

function percent(input: Plain, field: string, fallback: number): number {
  const value = input[field] ?? fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 100)
    throw usage(`${field}: ${JSON.stringify(value)} is no whole number from 0 to 100`);
  return value;
}

/** Null when it is not given. */
function duration(value: unknown, field: string): number | null {
  if (value === undefined) return null;
  const parsed = typeof value === "string" ? parseGoDuration(value) : null;
  if (parsed === null || !parsed.ok || parsed.durationMs < 0)
    throw usage(`${field}: ${JSON.stringify(value)} is no duration such as 2m or 90s`);
  return parsed.durationMs;
}

function usage(message: string): CommandError {
  return new CommandError("Usage", message, { hint: "See docs/configuration.md." });
}
