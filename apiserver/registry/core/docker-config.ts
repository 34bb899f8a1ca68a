import { base64ToUtf8 } from "../common/base64.js";

/**
 * What is wrong with a Docker configuration file given as base64, null when it is a JSON object as
 * it must be.
 */
export function parseDockerConfig(base64: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(base64ToUtf8(base64));
  } catch (error) {
    return goSyntaxError(base64ToUtf8(base64), error);
  }
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  if (isObject || parsed === null) return null;
  const kind = Array.isArray(parsed)
    ? "array"
    : parsed === true || parsed === false
      ? "bool"
      : typeof parsed;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

/** Users know the JSON errors of Go's parser; the two common ones are told in its words. */
function goSyntaxError(text: string, error: unknown): string {
  if (text.trim() === "") return "unexpected end of JSON input";
  const first = text.trimStart().charAt(0);
  if (!'{["-0123456789tfn'.includes(first))
    return `invalid character '${first}' looking for beginning of value`;
  return error instanceof Error ? error.message : "invalid JSON";
}
