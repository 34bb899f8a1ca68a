import { parseGoDuration } from "../../api/machinery/go-duration.js";
import { IMAGE_POLICY, type ImagePolicy } from "../../node/plan/image-garbage.js";
import { CommandError } from "../cli/output.js";

type Plain = Readonly<Record<string, unknown>>;

/** The fields by which an agent is told how to husband its node, named as the kubelet's. */
export const RESOURCE_FIELDS = [
  "imageGCHighThresholdPercent",
  "imageGCLowThresholdPercent",
  "imageMinimumGCAge",
] as const;

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
