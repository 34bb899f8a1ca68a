import type { FieldError } from "../../api/machinery/field-errors.js";
import { queryFlag } from "./stream-path.js";

/** What is handed to the agent, and which container is meant ("": the only one). */
export interface LogOptions {
  readonly container: string;
  readonly query: URLSearchParams;
  readonly errors: readonly FieldError[];
}

const NUMBERS = [
  { name: "tailLines", least: 0, detail: "must be greater than or equal to 0" },
  { name: "limitBytes", least: 1, detail: "must be greater than 0" },
  { name: "sinceSeconds", least: 1, detail: "must be greater than 0" },
] as const;
const FLAGS = ["follow", "previous", "timestamps"] as const;

/** Reads the query of a log request; what is wrong with it is in `errors`. */
export function parseLogOptions(asked: URLSearchParams): LogOptions {
  const query = new URLSearchParams();
  const errors: FieldError[] = [];
  for (const flag of FLAGS) if (queryFlag(asked, flag)) query.set(flag, "true");
  for (const { name, least, detail } of NUMBERS) {
    const value = asked.get(name);
    if (value === null || value === "") continue;
    if (/^-?\d{1,15}$/.test(value) && Number(value) >= least) query.set(name, value);
    else errors.push({ type: "FieldValueInvalid", field: name, badValue: valueOf(value), detail });
  }
  const sinceTime = asked.get("sinceTime") ?? "";
  if (sinceTime !== "") {
    if (Number.isNaN(Date.parse(sinceTime)))
      errors.push({
        type: "FieldValueInvalid",
        field: "sinceTime",
        badValue: sinceTime,
        detail: "must be a time in RFC 3339 format",
      });
    else if (query.has("sinceSeconds"))
      errors.push({
        type: "FieldValueForbidden",
        field: "",
        badValue: "",
        detail: "at most one of `sinceTime` or `sinceSeconds` may be specified",
      });
    else query.set("sinceTime", sinceTime);
  }
  return { container: asked.get("container") ?? "", query, errors };
}

function valueOf(text: string): number | string {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
