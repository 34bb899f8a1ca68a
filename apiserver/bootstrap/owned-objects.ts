import { CodedError } from "../../base/errors.js";
import type { InternalClient } from "./internal-client.js";

/** `BootstrapFailed`: an object that every cluster needs was refused (details: status). */
export type BootstrapErrorCode = "BootstrapFailed";

interface Named {
  readonly metadata: { readonly name: string };
}

/** True for a refusal that may not be one in a moment: without a quorum, or under load. */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof CodedError)) return false;
  const { status } = error.details as { status?: unknown };
  return error.code === "BootstrapFailed" && (status === 429 || Number(status) >= 500);
}

/** Makes an object of the server's own unless there is one. Throws "BootstrapFailed". */
export async function ensureExists(
  client: InternalClient,
  path: string,
  { object, signal }: { readonly object: object; readonly signal: AbortSignal },
): Promise<void> {
  const { name } = (object as Named).metadata;
  const found = await client.send("GET", `${path}/${name}`, { signal });
  if (found.status === 200) return;
  if (found.status !== 404) return check(found, path);
  check(await client.send("POST", path, { body: object, signal }), path);
}

/**
 * Makes an object of the server's own, or gives it the wanted `fields` again. Throws
 * "BootstrapFailed".
 */
export async function ensureEqual(
  client: InternalClient,
  path: string,
  wanted: {
    readonly object: object;
    readonly fields: readonly string[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { fields, signal } = wanted;
  const { name } = (wanted.object as Named).metadata;
  const found = await client.send("GET", `${path}/${name}`, { signal });
  if (found.status === 404) {
    check(await client.send("POST", path, { body: wanted.object, signal }), path);
    return;
  }
  const current = found.body as Readonly<Record<string, unknown>>;
  const target = wanted.object as Readonly<Record<string, unknown>>;
  const same = fields.every((field) => includes(current[field], target[field]));
  if (found.status !== 200 || same) return;
  const body = { ...current, ...Object.fromEntries(fields.map((f) => [f, target[f]])) };
  check(await client.send("PUT", `${path}/${name}`, { body, signal }), path);
}

/**
 * Throws "BootstrapFailed" for a refusal. Another server may have made the object at the same time:
 * that is as good.
 */
export function check(
  { status, body }: { readonly status: number; readonly body: unknown },
  path: string,
): void {
  if (status < 300 || status === 409) return;
  const { message = "" } = body as { message?: string };
  throw new CodedError<BootstrapErrorCode>("BootstrapFailed", `${path}: ${message}`, {
    details: { status },
  });
}

/** True when `current` says all that `target` says; what the server added does not count. */
function includes(current: unknown, target: unknown): boolean {
  if (typeof target !== "object" || target === null) return current === target;
  if (typeof current !== "object" || current === null) return false;
  if (Array.isArray(target) && target.length !== (current as readonly unknown[]).length)
    return false;
  return Object.entries(target).every(([field, value]) =>
    includes((current as Readonly<Record<string, unknown>>)[field], value),
  );
}
