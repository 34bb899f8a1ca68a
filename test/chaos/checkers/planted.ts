import type { Call, Json } from "../history.js";

/** A call as checkers see it, for histories written by hand. Times are in any unit. */
export function call(
  f: string,
  times: readonly [startNs: number, endNs: number],
  rest: Partial<Pick<Call, "key" | "input" | "output" | "outcome" | "process">>,
): Call {
  const [startNs, endNs] = times;
  const outcome = rest.outcome ?? "ok";
  return {
    process: rest.process ?? 0,
    f,
    key: rest.key ?? "k",
    input: rest.input ?? null,
    outcome,
    output: rest.output ?? null,
    error: "",
    server: "",
    startNs,
    endNs: outcome === "info" ? Number.POSITIVE_INFINITY : endNs,
  };
}

/** The kinds of a result's violations, for comparison. */
export function kindsOf(result: { readonly violations: readonly { kind: string }[] }): string[] {
  return [...new Set(result.violations.map(({ kind }) => kind))].sort();
}

/** A version as the API writes it. */
export function version(n: number, more: Readonly<Record<string, Json>> = {}): Json {
  return { version: String(n), ...more };
}
