import type { SuccessPolicy } from "../../api/schema/types/batch-v1.gen.js";
import { IndexSet } from "./index-set.js";

/** Which rule the succeeded indexes meet, in the words of the condition; null: none. */
export function metSuccessRule(
  policy: SuccessPolicy | undefined,
  succeeded: IndexSet,
  completions: number,
): string | null {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const { succeededIndexes, succeededCount } = rule;
    const text = `Matched rules at index ${index}`;
    if (succeededIndexes === undefined) {
      if (succeededCount !== undefined && succeeded.size >= succeededCount) return text;
      continue;
    }
    const wanted = IndexSet.parse(succeededIndexes, completions);
    if (wanted.countIn(succeeded) >= (succeededCount ?? wanted.size)) return text;
  }
  return null;
}
