import { CodedError, messageOf } from "../base/errors.js";
import { type NodeUsage, parseNodeUsage } from "./usage.js";

/** The usage of a node, with its name. */
export interface NamedUsage {
  readonly node: string;
  readonly usage: NodeUsage;
}

/** One line of the stream in which servers tell each other of usage: JSON, with its end. */
export function usageLine(named: NamedUsage): string {
  return `${JSON.stringify(named)}\n`;
}

/** Reads one line of the stream. Throws CodedError "BadUsage". */
export function parseUsageLine(line: string): NamedUsage {
  let value: Partial<Record<"node" | "usage", unknown>> | null;
  try {
    value = JSON.parse(line) as Partial<Record<"node" | "usage", unknown>> | null;
  } catch (cause) {
    throw new CodedError("BadUsage", `not the usage of a node: ${messageOf(cause)}`, { cause });
  }
  const { node, usage } = value ?? {};
  const parsed = parseNodeUsage(usage);
  if (typeof node === "string" && parsed !== null) return { node, usage: parsed };
  throw new CodedError("BadUsage", "not the usage of a node");
}
