import { assert } from "../../base/assert.js";
import { CodedError } from "../../base/errors.js";

/** What may stand in a history: plain JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [k: string]: Json };

/**
 * invoke: it begins. ok: it happened. fail: it surely did not happen. info: nobody knows, and it
 * may still happen at any later time.
 */
export type OperationType = "invoke" | "ok" | "fail" | "info";

/** One line of history/WORKLOAD.jsonl, in Jepsen's words. */
export interface Operation {
  /** Runs one operation at a time. One whose operation ended as info is never used again. */
  readonly process: number;
  readonly type: OperationType;
  /** What is done: read, write, append … */
  readonly f: string;
  /** The object it is done to; "" where there is none. */
  readonly key: string;
  readonly value: Json;
  /** Nanoseconds since the run began, on a clock that never goes back. */
  readonly time: number;
  /** Of an invocation, where it was sent; of a completion, what went wrong. For readers. */
  readonly server?: string;
  readonly error?: string;
}

/** An invocation and how it ended. */
export interface Call {
  readonly process: number;
  readonly f: string;
  readonly key: string;
  /** The value of the invocation. */
  readonly input: Json;
  readonly outcome: "ok" | "fail" | "info";
  /** The value of the completion; null when nobody knows. */
  readonly output: Json;
  readonly error: string;
  readonly server: string;
  readonly startNs: number;
  /** Infinity when nobody knows whether it has happened: it stays open for ever. */
  readonly endNs: number;
}

/** The history is not one: its line makes no sense. A bug of the suite, never a verdict. */
export class HistoryError extends CodedError<"MalformedHistory"> {
  constructor(message: string) {
    super("MalformedHistory", message);
  }
}

/**
 * Pairs invocations with completions, in the order of the invocations. What never completed is
 * info. Throws HistoryError.
 */
export function pairCalls(history: readonly Operation[]): Call[] {
  const calls: Call[] = [];
  const open = new Map<number, { readonly at: number; readonly invoke: Operation }>();
  const retired = new Set<number>();
  let lastNs = 0;
  for (const operation of history) {
    const { process, type, time, f } = operation;
    if (time < lastNs) throw new HistoryError(`time goes back at ${time} (process ${process})`);
    lastNs = time;
    if (type === "invoke") {
      if (open.has(process)) throw new HistoryError(`process ${process} does two things at once`);
      if (retired.has(process)) throw new HistoryError(`process ${process} goes on after an info`);
      open.set(process, { at: calls.length, invoke: operation });
      calls.push(callOf(operation, null));
      continue;
    }
    const begun = open.get(process);
    if (begun === undefined || begun.invoke.f !== f)
      throw new HistoryError(`process ${process} completes a ${f} it did not begin`);
    open.delete(process);
    if (type === "info") retired.add(process);
    calls[begun.at] = callOf(begun.invoke, operation);
  }
  return calls;
}

function callOf(invoke: Operation, end: Operation | null): Call {
  const outcome = end === null ? "info" : end.type;
  assert(outcome !== "invoke", "a completion is not an invocation");
  return {
    process: invoke.process,
    f: invoke.f,
    key: invoke.key,
    input: invoke.value,
    outcome,
    output: outcome === "info" || end === null ? null : end.value,
    error: end?.error ?? "",
    server: invoke.server ?? "",
    startNs: invoke.time,
    endNs: outcome === "info" || end === null ? Number.POSITIVE_INFINITY : end.time,
  };
}

/** The calls by their key, in the order in which keys first appear. */
export function callsByKey(calls: readonly Call[]): Map<string, Call[]> {
  const byKey = new Map<string, Call[]>();
  for (const call of calls) {
    const same = byKey.get(call.key);
    if (same === undefined) byKey.set(call.key, [call]);
    else same.push(call);
  }
  return byKey;
}

/** Parses the lines of a history file. Throws HistoryError. */
export function parseHistory(text: string): Operation[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => {
      const value = JSON.parse(line) as Operation;
      if (typeof value.process !== "number" || typeof value.time !== "number")
        throw new HistoryError(`line ${index + 1} is not an operation`);
      return value;
    });
}
