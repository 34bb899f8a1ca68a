import type { LabelSelector } from "../../../api/schema/types/meta-v1.gen.js";

/** Labels as kubectl prints them, "a=1,b=2" sorted by key; "<none>" when there are none. */
export function formatLabels(labels: { readonly [key: string]: string } | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? "<none>" : pairs.sort(byText).join(",");
}

/** A label selector in the form that `kubectl -l` takes; "<none>" when it has no requirement. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  const requirements = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }));
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const list = [...(values ?? [])].sort(byText).join(",");
    if (operator === "In") requirements.push({ key, text: `${key} in (${list})` });
    else if (operator === "NotIn") requirements.push({ key, text: `${key} notin (${list})` });
    else if (operator === "Exists") requirements.push({ key, text: key });
    else if (operator === "DoesNotExist") requirements.push({ key, text: `!${key}` });
    else return "<error>";
  }
  if (requirements.length === 0) return "<none>";
  return requirements
    .sort((a, b) => byText(a.key, b.key))
    .map(({ text }) => text)
    .join(",");
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
