import type { Clock } from "../../base/clock.js";
import { hasCode, messageOf } from "../../base/errors.js";
import type { Random } from "../../base/random.js";
import type { JsonValue } from "../schema/wire-types.js";
import { ApiError, errorFromAnswer } from "./api-error.js";
import type { CallOptions, Fence } from "./client-types.js";
import type { Connection } from "./connection.js";
import {
  ConnectionLostError,
  exchange,
  readBody,
  readChunks,
  type WireAnswer,
  type WireRequest,
} from "./http-exchange.js";
import { type FailedAttempt, parseRetryAfter, planRetry } from "./retry-policy.js";
import { jitteredBackoffMs, openCallScope, waitMs, type CallScope } from "./waiting.js";

/** One call of the API, before it is put on the wire. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: JsonValue;
  /** Of the body; default application/json. */
  readonly contentType?: string;
  /** Default application/json. */
  readonly accept?: string;
}

/** What all callers of one client share. */
export interface CallerDeps {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: Random;
  readonly userAgent: string;
}

/** How long a call may take when its options do not say. */
export const DEFAULT_TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 256 << 20;
const ERROR_BYTES_MAX = 1 << 20;
/** What a server without a quorum answers, or one that stops. */
const UNSERVED_STATUSES: readonly number[] = [503, 504];
const BACKOFF = { firstMs: 50, maxMs: 1000 };

/**
 * Makes calls: sends, retries where that is safe, reads the answer, turns failures into ApiError.
 */
export class ApiCaller {
  private readonly deps: CallerDeps;
  /** Null: writes are not fenced. */
  private readonly fence: (() => Fence | null) | null;

  constructor(deps: CallerDeps, fence: (() => Fence | null) | null) {
    this.deps = deps;
    this.fence = fence;
  }

  /** The same, but writes carry this fence. */
  fencedBy(current: () => Fence | null): ApiCaller {
    return new ApiCaller(this.deps, current);
  }

  /** The JSON document that is the answer; null for an empty one. */
  async json(call: ApiCall, options: CallOptions = {}): Promise<JsonValue> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
    const scope = openCallScope(this.deps.clock, timeoutMs, signal);
    try {
      return await this.attempts(call, scope, async (answer) => {
        const body = await readBody(answer, ANSWER_BYTES_MAX);
        return body.length === 0 ? null : parseJson(body, call);
      });
    } catch (error) {
      throw toApiError(error, call, { scope, parent: signal });
    } finally {
      scope.dispose();
    }
  }

  /**
   * The answer as soon as its headers are there. The timeout bounds the wait for them, the signal
   * the whole transfer.
   */
  async open(call: ApiCall, options: CallOptions = {}): Promise<OpenAnswer> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = options;
    const scope = openCallScope(this.deps.clock, timeoutMs, signal);
    try {
      const answer = await this.attempts(call, scope, (opened) => Promise.resolve(opened));
      return new OpenAnswer(answer, call, signal);
    } catch (error) {
      throw toApiError(error, call, { scope, parent: signal });
    } finally {
      scope.dispose();
    }
  }

  private async attempts<R>(
    call: ApiCall,
    scope: CallScope,
    read: (answer: WireAnswer) => Promise<R>,
  ): Promise<R> {
    const body = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body));
    for (let attempt = 0; ; attempt += 1) {
      let failed: FailedAttempt;
      let error: unknown;
      try {
        const answer = await this.send(call, body, scope.signal);
        if (answer.statusCode < 400) {
          this.deps.connection.judge(true);
          return await read(answer);
        }
        error = errorFromAnswer(answer.statusCode, await readBody(answer, ERROR_BYTES_MAX));
        this.deps.connection.judge(!UNSERVED_STATUSES.includes(answer.statusCode));
        const retryAfterSeconds = parseRetryAfter(answer.headers["retry-after"]);
        failed = { kind: "refused", statusCode: answer.statusCode, retryAfterSeconds };
      } catch (lost) {
        const found = lostAttempt(lost);
        if (scope.expired()) this.deps.connection.judge(false);
        if (found === null || scope.signal.aborted) throw lost;
        failed = found;
        error = lost;
      }
      const retry = planRetry(failed, call.method, attempt);
      if (retry === null) throw error;
      const delayMs =
        "afterMs" in retry ? retry.afterMs : jitteredBackoffMs(attempt, BACKOFF, this.deps.random);
      // A wait that ends after the deadline would only hide what went wrong.
      if (delayMs >= scope.leftMs()) throw error;
      await waitMs(this.deps.clock, delayMs, scope.signal);
      if (scope.signal.aborted) throw error;
    }
  }

  private async send(call: ApiCall, body: Buffer | null, signal: AbortSignal): Promise<WireAnswer> {
    const session = await this.deps.connection.acquire(signal);
    const headers: Record<string, string> = {
      accept: call.accept ?? "application/json",
      "user-agent": this.deps.userAgent,
    };
    if (body !== null) headers["content-type"] = call.contentType ?? "application/json";
    if (this.fence !== null && call.method !== "GET")
      headers["raftsman-fence"] = fenceHeader(this.fence());
    const request: WireRequest = { method: call.method, path: call.path, headers, body };
    return await exchange(session, request, signal);
  }
}

/** An answer that is being read. */
export class OpenAnswer {
  readonly contentType: string;
  private readonly answer: WireAnswer;
  private readonly call: ApiCall;
  private readonly signal: AbortSignal | undefined;

  constructor(answer: WireAnswer, call: ApiCall, signal: AbortSignal | undefined) {
    this.answer = answer;
    this.call = call;
    this.signal = signal;
    this.contentType = answer.headers["content-type"] ?? "";
    if (signal?.aborted === true) this.close();
    else signal?.addEventListener("abort", this.close, { once: true });
    answer.body.once("close", () => signal?.removeEventListener("abort", this.close));
  }

  /**
   * The bytes as they come; ends quietly when the signal aborts or close() is called. To be read
   * once.
   */
  async *chunks(): AsyncGenerator<Buffer, void, void> {
    try {
      yield* readChunks(this.answer);
    } catch (error) {
      if (this.closed || this.signal?.aborted === true) return;
      throw toApiError(error, this.call, {});
    }
  }

  /** Stops the transfer. */
  readonly close = (): void => {
    this.closed = true;
    this.answer.body.destroy();
  };

  private closed = false;
}

function lostAttempt(error: unknown): FailedAttempt | null {
  if (error instanceof ConnectionLostError) return { kind: "lost", sent: error.sent };
  if (hasCode(error, "ConnectFailed")) return { kind: "lost", sent: false };
  return null;
}

/**
 * The header that ties a write to a leadership; see Fence. Throws ServiceUnavailable when the
 * writer does not lead, or is not sure of it, and no Conflict: who renews late leads on, and must
 * try again what loops otherwise take for somebody else's change.
 */
function fenceHeader(fence: Fence | null): string {
  if (fence === null)
    throw new ApiError("ServiceUnavailable", "not the leader: the write was not sent");
  const { namespace, name, uid, leaseTransitions } = fence;
  return `${namespace}/${name};uid=${uid};transitions=${leaseTransitions}`;
}

function parseJson(body: Buffer, call: ApiCall): JsonValue {
  try {
    return JSON.parse(body.toString("utf8")) as JsonValue;
  } catch (cause) {
    const message = `${call.method} ${call.path}: the answer is not JSON`;
    throw new ApiError("Unknown", message, { cause });
  }
}

function toApiError(
  error: unknown,
  call: ApiCall,
  ended: { scope?: CallScope; parent?: AbortSignal | undefined },
): unknown {
  if (error instanceof ApiError) return error;
  if (ended.parent?.aborted === true) return error; // The caller gave up: not the server's failure.
  const what = `${call.method} ${call.path}: ${messageOf(error)}`;
  if (ended.scope?.expired() === true) return new ApiError("Timeout", what, { cause: error });
  if (lostAttempt(error) !== null || hasCode(error, "ConnectionClosed"))
    return new ApiError("ServiceUnavailable", what, { cause: error });
  return error;
}
