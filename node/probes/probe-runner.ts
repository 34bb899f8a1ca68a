import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { hasCode, messageOf } from "../../base/errors.js";
import type {
  Container,
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  TCPSocketAction,
} from "../../api/schema/types/core-v1.gen.js";
import { GrpcChannel, parseProto } from "../cri/grpc-channel.js";
import type { Runtime } from "../cri/runtime.js";
import type { ProbeOutcome } from "../plan/probe-state.js";

/** What to try: the action of a probe or of a life-cycle hook. */
export interface ProbeAction {
  readonly exec?: ExecAction;
  readonly httpGet?: HTTPGetAction;
  readonly tcpSocket?: TCPSocketAction;
  readonly grpc?: GRPCAction;
}

/** Where to try it. */
export interface ProbeTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const OUTPUT_MAX = 10 * 1024;
const USER_AGENT = "kube-probe/1.36";
const REDIRECTS_MAX = 10;

/** One try. Never throws for what the container does; only when the signal aborts. */
export async function runProbe(
  runtime: Runtime,
  action: ProbeAction,
  target: ProbeTarget,
): Promise<ProbeOutcome> {
  if (action.exec !== undefined) return execProbe(runtime, action.exec, target);
  if (action.httpGet !== undefined) return httpProbe(action.httpGet, target);
  if (action.tcpSocket !== undefined) return tcpProbe(action.tcpSocket, target);
  if (action.grpc !== undefined) return grpcProbe(action.grpc, target);
  return { ok: false, message: "missing probe handler" };
}

async function execProbe(
  runtime: Runtime,
  action: ExecAction,
  target: ProbeTarget,
): Promise<ProbeOutcome> {
  const { timeoutMs, signal, containerId } = target;
  const command = action.command ?? [];
  try {
    const result = await runtime.execSync(containerId, command, { timeoutMs, signal });
    const output = Buffer.concat([result.stdout, result.stderr]).toString().slice(0, OUTPUT_MAX);
    return { ok: result.exitCode === 0, message: output };
  } catch (error) {
    if (signal.aborted) throw error;
    const late = hasCode(error, "DeadlineExceeded");
    const shown = command.join(" ");
    if (!late) return { ok: false, errored: true, message: messageOf(error) };
    const message = `command timed out: "${shown}" timed out after ${timeoutMs / 1000}s`;
    return { ok: false, message };
  }
}

/** The number of a port given by number or by the name of a container port; null: there is none. */
export function portNumber(container: Container, port: number | string | undefined): number | null {
  if (typeof port === "number") return port;
  const named = (container.ports ?? []).find(({ name }) => name === port);
  if (named !== undefined) return named.containerPort;
  const parsed = Number(port);
  return Number.isInteger(parsed) && parsed > 0 ? parsed : null;
}

async function httpProbe(action: HTTPGetAction, target: ProbeTarget): Promise<ProbeOutcome> {
  const port = portNumber(target.container, action.port);
  if (port === null) return { ok: false, message: `couldn't find port: ${action.port}` };
  const scheme = (action.scheme ?? "HTTP").toLowerCase();
  const host = action.host || target.podIp;
  const path = action.path ?? "/";
  const bracketed = host.includes(":") ? `[${host}]` : host;
  let url = new URL(`${scheme}://${bracketed}:${port}${path.startsWith("/") ? "" : "/"}${path}`);
  const shown = `Get "${url.href}"`;
  const headers = headersOf(action);
  const endMs = performance.now() + target.timeoutMs;
  try {
    for (let redirects = 0; ; redirects += 1) {
      const answer = await getOnce(url, headers, {
        ...target,
        timeoutMs: endMs - performance.now(),
      });
      if (answer.location === null) return httpOutcome(answer);
      if (redirects >= REDIRECTS_MAX)
        return { ok: false, message: `${shown}: stopped after ${REDIRECTS_MAX} redirects` };
      const next = new URL(answer.location, url);
      // Elsewhere is not this container's business: that it redirects there is a sign of life.
      if (next.hostname !== url.hostname)
        return { ok: true, message: "redirected to another host" };
      url = next;
    }
  } catch (error) {
    if (target.signal.aborted) throw error;
    const message = `${shown}: ${describe(error, host, port)}`;
    return isNoTls(error) ? { ok: false, noTls: true, message } : { ok: false, message };
  }
}

/** What came back is no word of TLS: mostly a server of plain HTTP that complains. */
function isNoTls(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "EPROTO" && /wrong version number/i.test(messageOf(error));
}

/** The probe's own, of which a name may come twice; an empty Accept means none. */
function headersOf({ httpHeaders = [] }: HTTPGetAction): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const { name, value = "" } of httpHeaders) {
    const key = name.toLowerCase();
    const before = headers[key];
    // There is one Host.
    if (before === undefined) headers[key] = key === "host" ? value : [value];
    else if (Array.isArray(before)) before.push(value);
  }
  headers["user-agent"] ??= USER_AGENT;
  headers["accept"] ??= "*/*";
  if (headers["accept"][0] === "") delete headers["accept"];
  return headers;
}

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly location: string | null;
}

function httpOutcome({ status, body }: HttpAnswer): ProbeOutcome {
  if (status >= 200 && status < 400) return { ok: true, message: body };
  return { ok: false, answered: true, message: `HTTP probe failed with statuscode: ${status}` };
}

function getOnce(
  url: URL,
  headers: Readonly<Record<string, string | string[]>>,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    // The container's certificate is not checked: a probe asks for life, not for identity.
    const settings = {
      headers,
      agent: false,
      signal,
      rejectUnauthorized: false,
      // Line ends without CR, as small servers and CGI programs write them, are no sign of death.
      insecureHTTPParser: true,
    } as const;
    const onAnswer = (response: IncomingMessage): void => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= OUTPUT_MAX) chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(timer);
        const status = response.statusCode ?? 0;
        const location = status >= 300 && status < 400 ? (response.headers.location ?? null) : null;
        resolve({ status, location, body: Buffer.concat(chunks).toString() });
      });
    };
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(
      url,
      settings,
      onAnswer,
    );
    const timer = setTimeout(
      () => request.destroy(new TimeoutError()),
      Math.max(1, options.timeoutMs),
    );
    request.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end();
  });
}

class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

function tcpProbe(action: TCPSocketAction, target: ProbeTarget): Promise<ProbeOutcome> {
  const port = portNumber(target.container, action.port);
  if (port === null)
    return Promise.resolve({ ok: false, message: `couldn't find port: ${action.port}` });
  const host = action.host || target.podIp;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal: target.signal });
    const end = (outcome: ProbeOutcome): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(
      () => end({ ok: false, message: describe(new TimeoutError(), host, port) }),
      target.timeoutMs,
    );
    socket.on("connect", () => end({ ok: true, message: "" }));
    socket.on("error", (error) => {
      if (!target.signal.aborted) return end({ ok: false, message: describe(error, host, port) });
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** Connection errors in the words that users of Kubernetes search for. */
function describe(error: unknown, host: string, port: number): string {
  if (error instanceof TimeoutError)
    return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  const { code } = error as { code?: unknown };
  const where = `dial tcp ${host}:${port}`;
  if (isNoTls(error)) return "http: server gave HTTP response to HTTPS client";
  if (code === "ECONNREFUSED") return `${where}: connect: connection refused`;
  if (code === "EHOSTUNREACH") return `${where}: connect: no route to host`;
  if (code === "ETIMEDOUT") return `${where}: i/o timeout`;
  if (code === "ECONNRESET") return `read tcp ${host}:${port}: connection reset by peer`;
  return messageOf(error);
}

const HEALTH_PROTO = `
syntax = "proto3";
package grpc.health.v1;
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse { ServingStatus status = 1; }
enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
`;

async function grpcProbe(action: GRPCAction, target: ProbeTarget): Promise<ProbeOutcome> {
  const request = "HealthCheckRequest";
  const response = "HealthCheckResponse";
  const channel = new GrpcChannel(
    { target: `${target.podIp}:${action.port}` },
    {
      root: parseProto(HEALTH_PROTO),
      methods: { Check: { service: "grpc.health.v1.Health", request, response } },
    },
  );
  const ending = new AbortController();
  const stop = (): void => ending.abort(new TimeoutError());
  const timer = setTimeout(stop, target.timeoutMs);
  target.signal.addEventListener("abort", stop, { once: true });
  try {
    const answer = await channel.unary<object, { status: string }>(
      "Check",
      { service: action.service ?? "" },
      { signal: ending.signal },
    );
    const ok = answer.status === "SERVING";
    return { ok, message: ok ? "" : `service unhealthy (responded with "${answer.status}")` };
  } catch (error) {
    if (target.signal.aborted) throw error;
    const late = error instanceof TimeoutError;
    const where = `${target.podIp}:${action.port}`;
    const message = late
      ? `timeout: failed to connect service "${where}" within ${target.timeoutMs / 1000}s`
      : `error: health rpc failed: ${messageOf(error)}`;
    return { ok: false, message };
  } finally {
    clearTimeout(timer);
    target.signal.removeEventListener("abort", stop);
    channel.close();
  }
}
