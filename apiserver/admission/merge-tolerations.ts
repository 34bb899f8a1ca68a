import type { Toleration } from "../../api/schema/types/core-v1.gen.js";
import { semanticEqual } from "../registry/common/semantic-equal.js";

/** Both lists as one, without what another toleration of them covers; of equals the first stays. */
export function mergeTolerations(
  first: readonly Toleration[],
  second: readonly Toleration[],
): readonly Toleration[] {
  const all = [...first, ...second];
  return all.filter((toleration, index) =>
    all.every((other, at) => {
      if (at === index || !covers(other, toleration)) return true;
      return at > index && semanticEqual(other, toleration);
    }),
  );
}

/** True when `wide` tolerates everything that `narrow` does. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (semanticEqual(wide, narrow)) return true;
  const { key = "", operator = "", value = "", effect = "", tolerationSeconds } = wide;
  const anyKey = key === "" && operator === "Exists";
  if ((narrow.key ?? "") !== key && !anyKey) return false;
  if (effect !== "" && (narrow.effect ?? "") !== effect) return false;
  if (effect === "NoExecute" && tolerationSeconds !== undefined) {
    const seconds = narrow.tolerationSeconds;
    if (seconds === undefined || seconds > tolerationSeconds) return false;
  }
  if (operator === "Exists") return true;
  if (operator !== "" && operator !== "Equal") return false;
  return (narrow.operator ?? "Equal") === "Equal" && (narrow.value ?? "") === value;
}
