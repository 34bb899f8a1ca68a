import { createWriteStream } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../base/errors.js";
import { CommandError } from "../cli/output.js";
import { caHashOf } from "../pki/cluster-pki.js";
import type { JoinConfig } from "./server-config.js";

const TIMEOUT_MS = 30_000;
const DOWNLOAD_MS = 120_000;

/** What a server answered: its status and the JSON, or the text where it is none. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Sends one request over HTTPS. Rejects with what the system says when there is no answer within
 * `timeout` (30 s).
 */
export function httpsRequest(
  url: URL,
  options: RequestOptions & { readonly body?: unknown },
): Promise<JsonAnswer> {
  const { body, timeout = TIMEOUT_MS, ...rest } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...rest, timeout, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const whole = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, body: parsed(whole) });
      });
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeout} ms`)));
    sent.on("error", reject);
    if (body !== undefined) sent.setHeader("content-type", "application/json");
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/**
 * Writes the body of a GET into a new file (0600). Null: done; otherwise what the server said
 * instead. Rejects with what the system says, also when the answer breaks off.
 */
export function httpsDownload(
  url: URL,
  options: RequestOptions & { readonly file: string },
): Promise<JsonAnswer | null> {
  const { file, ...rest } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...rest, timeout: DOWNLOAD_MS, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      const whole =
        status === 200
          ? pipeline(response, createWriteStream(file, { flags: "w", mode: 0o600 })).then(
              () => null,
            )
          : text(response).then((body) => ({ status, body: parsed(body) }));
      whole.then(resolve, reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${DOWNLOAD_MS} ms`)));
    sent.on("error", reject);
    sent.end();
  });
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/**
 * Asks the servers in turn to be taken in: makes sure by the hash that the authority is the right
 * one, and only then shows the token. Throws CommandError with what the cluster says.
 */
export async function requestJoin(
  join: JoinConfig,
  asked: Readonly<Record<string, string>>,
): Promise<{ readonly answer: Readonly<Record<string, unknown>>; readonly caPem: string }> {
  let last: unknown = null;
  for (const url of join.urls) {
    try {
      const caPem = await trustedCa(url, join.caHash);
      const body = { ...asked, token: join.token };
      const to = new URL("/raftsman/v1/join", url);
      const answer = await httpsRequest(to, { method: "POST", ca: caPem, body });
      if (answer.status === 200)
        return { answer: answer.body as Readonly<Record<string, unknown>>, caPem };
      if (answer.status !== 503) throw refusal(url, answer);
      last = refusal(url, answer);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      last = error;
    }
  }
  throw new CommandError("Failed", `no server could be asked to join: ${messageOf(last)}`, {
    hint: `Is the API at ${join.urls.join(", ")} up and reachable from here?`,
    cause: last,
  });
}

/** The authority of whoever listens at `url`; nothing is believed yet but its hash. */
async function trustedCa(url: string, caHash: string): Promise<string> {
  const to = new URL("/raftsman/v1/ca", url);
  const { status, body } = await httpsRequest(to, { method: "GET", rejectUnauthorized: false });
  if (status !== 200 || typeof body !== "string") throw refusal(url, { status, body });
  if (caHashOf(body) === caHash) return body;
  throw new CommandError("Unsafe", `${url} has another authority than ${caHash}`, {
    hint: "Either the hash is another cluster's, or somebody stands in between. Nothing was sent.",
  });
}

function refusal(url: string, { status, body }: JsonAnswer): CommandError {
  const { message, error } = { ...(body as { message?: string; error?: { message?: string } }) };
  const why = error?.message ?? message ?? `status ${status}`;
  const code = status === 409 ? "Unsafe" : "Failed";
  return new CommandError(code, `${url} refuses: ${why}`, { hint: "" });
}
