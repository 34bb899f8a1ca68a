/** One condition on a field of an object. */
export interface FieldRequirement {
  /** Such as spec.nodeName. */
  readonly field: string;
  readonly value: string;
  /** True: the field must not have the value. */
  readonly negated: boolean;
}

/** The conditions, all of which must hold, or why the text is none. */
export type ParsedFieldSelector =
  | { readonly ok: true; readonly requirements: readonly FieldRequirement[] }
  | { readonly ok: false; readonly message: string };

/**
 * Reads `metadata.name=web,spec.nodeName!=n1`; "" has no conditions. In values, `\` `,` and `=` are
 * escaped by a `\`.
 */
export function parseFieldSelector(text: string): ParsedFieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).sort()) {
    if (term === "") continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null)
      return { ok: false, message: `invalid selector: '${text}'; can't understand '${term}'` };
    const value = unescape(match[3] ?? "");
    if (!value.ok) return value;
    requirements.push({ field: match[1] ?? "", value: value.text, negated: match[2] === "!=" });
  }
  return { ok: true, requirements };
}

/** True when every condition holds; `valueOf` gives the value of a field, "" when absent. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  valueOf: (field: string) => string,
): boolean {
  return requirements.every(({ field, value, negated }) => (valueOf(field) === value) !== negated);
}

/** The value that `field` must have, or null when the conditions leave it open. */
export function exactFieldValue(
  requirements: readonly FieldRequirement[],
  field: string,
): string | null {
  const exact = requirements.find((candidate) => candidate.field === field && !candidate.negated);
  return exact?.value ?? null;
}

/**
 * Why a kind cannot be selected by these fields, or null. Every kind knows metadata.name and, when
 * it is namespaced, metadata.namespace; `more` are those of its own.
 */
export function unknownField(
  requirements: readonly FieldRequirement[],
  more: readonly string[],
): string | null {
  for (const { field } of requirements) {
    if (field === "metadata.name" || field === "metadata.namespace") continue;
    if (more.length > 0 && more.includes(field)) continue;
    if (more.length > 0) return `field label not supported: ${field}`;
    const only = 'only "metadata.name", "metadata.namespace"';
    return `${JSON.stringify(field)} is not a known field selector: ${only}`;
  }
  return null;
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === ",") {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescape(
  value: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string } {
  let text = "";
  for (let i = 0; i < value.length; i += 1) {
    const char = value.charAt(i);
    if (char === "," || char === "=") {
      const code = char.charCodeAt(0);
      return {
        ok: false,
        message: `invalid field selector: unescaped character in value: ${code}`,
      };
    }
    if (char !== "\\") {
      text += char;
      continue;
    }
    i += 1;
    const escaped = value.charAt(i);
    if (escaped === "" || !"\\,=".includes(escaped)) {
      const message = `invalid field selector: invalid escape sequence: \\${escaped}`;
      return { ok: false, message };
    }
    text += escaped;
  }
  return { ok: true, text };
}
