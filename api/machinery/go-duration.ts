const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["μs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** A duration, or why the text is none, in the words of Go's time.ParseDuration. */
export type ParsedDuration =
  | { readonly ok: true; readonly durationMs: number }
  | { readonly ok: false; readonly error: string };

/** Reads a duration as Go writes it: "1h30m", "1.5s", "-250ms". */
export function parseGoDuration(text: string): ParsedDuration {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  let rest = text.slice(sign.length);
  if (rest === "0") return { ok: true, durationMs: 0 };
  if (rest === "") return invalid(text);
  let totalMs = 0;
  while (rest !== "") {
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) return invalid(text);
    rest = rest.slice(number.length);
    const unit = /^[^.\d]+/.exec(rest)?.[0];
    if (unit === undefined) return failed(`time: missing unit in duration "${text}"`);
    const unitMs = UNITS_MS.get(unit);
    if (unitMs === undefined) return failed(`time: unknown unit "${unit}" in duration "${text}"`);
    totalMs += Number(number) * unitMs;
    rest = rest.slice(unit.length);
  }
  return { ok: true, durationMs: sign === "-" ? -totalMs : totalMs };
}

/**
 * Writes a duration as Go's Duration.String does: "1h30m0s", "10.062s", "250ms", "0s". What is
 * below a nanosecond is rounded.
 */
export function formatGoDuration(durationMs: number): string {
  const nanos = Math.round(Math.abs(durationMs) * 1e6);
  if (nanos === 0) return "0s";
  const sign = durationMs < 0 ? "-" : "";
  if (nanos < 1e3) return `${sign}${nanos}ns`;
  if (nanos < 1e6) return `${sign}${decimal(nanos, 3)}µs`;
  if (nanos < 1e9) return `${sign}${decimal(nanos, 6)}ms`;
  const minutes = Math.floor(nanos / 60e9);
  const seconds = `${decimal(nanos - minutes * 60e9, 9)}s`;
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  const rest = `${minutes % 60}m${seconds}`;
  return hours === 0 ? sign + rest : `${sign}${hours}h${rest}`;
}

/** `value` units of 10^-places, exactly, without zeros at the end of the fraction. */
function decimal(value: number, places: number): string {
  const digits = String(value).padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  const whole = digits.slice(0, -places);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function invalid(text: string): ParsedDuration {
  return failed(`time: invalid duration "${text}"`);
}

function failed(error: string): ParsedDuration {
  return { ok: false, error };
}
