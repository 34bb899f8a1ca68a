import { methodNotAllowedHere, pathNotFound } from "../../api/machinery/status.js";
import { ApiFailure } from "./api-failure.js";
import type { ApiRequest, ApiResponse, RawHandler } from "./http-types.js";
import { textResponse } from "./responses.js";

/** One thing that must be well. */
export interface HealthCheck {
  readonly name: string;
  /** Null when it is well, otherwise why not. Must answer within `signal`. */
  run(signal: AbortSignal): Promise<string | null>;
}

const CHECK_TIMEOUT_MS = 2_000;
const PATHS = ["/healthz", "/livez", "/readyz"];
const SINGLE = /^\/(?:healthz|livez|readyz)\/([a-z0-9/-]+)$/;

/**
 * /healthz, /livez and /readyz: `ok`, or 500 and which check failed. `?verbose` lists all,
 * `?exclude=` leaves some out; /readyz/NAME is one check alone.
 */
export class HealthHandler implements RawHandler {
  private readonly live: readonly HealthCheck[];
  private readonly ready: readonly HealthCheck[];

  /** `live`: a restart may help; `ready`: whether to send requests here now. */
  constructor(checks: { live: readonly HealthCheck[]; ready: readonly HealthCheck[] }) {
    this.live = checks.live;
    this.ready = checks.ready;
  }

  matches(path: string): boolean {
    return PATHS.includes(path) || SINGLE.test(path);
  }

  async handle(request: ApiRequest): Promise<ApiResponse> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      throw new ApiFailure(methodNotAllowedHere());
    }
    const excluded = new Set(request.query.getAll("exclude"));
    const path = request.path.replace(/\/+$/u, "");
    const all = path.startsWith("/livez") ? this.live : [...this.live, ...this.ready];
    const single = SINGLE.exec(path)?.[1];
    const checks = all.filter(({ name }) =>
      single === undefined ? !excluded.has(name) : name === single,
    );
    if (single !== undefined && checks.length === 0) throw new ApiFailure(pathNotFound());
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(CHECK_TIMEOUT_MS)]);
    const faults = await Promise.all(checks.map((check) => outcomeOf(check, signal)));
    const failed = faults.some((fault) => fault !== null);
    if (!failed && !request.query.has("verbose")) return textResponse(200, "ok");
    const lines = checks.map(({ name }, i) => {
      const fault = faults[i] ?? null;
      return fault === null ? `[+]${name} ok` : `[-]${name} failed: ${fault}`;
    });
    const verdict = `${path.slice(1)} check ${failed ? "failed" : "passed"}`;
    return textResponse(failed ? 500 : 200, `${[...lines, verdict].join("\n")}\n`);
  }
}

async function outcomeOf(check: HealthCheck, signal: AbortSignal): Promise<string | null> {
  const tooLate = new Promise<string>((resolve) => {
    signal.addEventListener("abort", () => resolve("no answer in time"), { once: true });
  });
  try {
    return await Promise.race([check.run(signal), tooLate]);
  } catch {
    // What went wrong is in the log: this page is open to everybody.
    return "the check could not be carried out";
  }
}
