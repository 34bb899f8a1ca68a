import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { messageOf } from "../../base/errors.js";
import { adminPkiOf, serverUrlsOf } from "../local-cluster/cluster-status.js";
import { type ClusterState, requireClusterState } from "../local-cluster/cluster-state.js";
import { type ClusterLayout, layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { httpsDownload, httpsRequest, type JsonAnswer } from "../server/join-request.js";
import { CommandError } from "./output.js";

const READY_TIMEOUT_MS = 2_000;

/** How the administrator of a cluster reaches it. */
export interface AdminAccess {
  /** APIs of its servers; the first that answers is asked. */
  readonly urls: readonly string[];
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Which cluster a command is about. */
export interface ClusterOptions {
  readonly name: string;
  readonly kubeconfig?: string;
}

/** The API of a cluster, as its administrator. */
export class AdminApi {
  readonly access: AdminAccess;

  constructor(access: AdminAccess) {
    this.access = access;
  }

  /**
   * The kubeconfig that was named, that of a server in this folder, or the local cluster of that
   * name. Throws CommandError "NotRunning" when there is none.
   */
  static find(options: ClusterOptions): AdminApi {
    if (options.kubeconfig !== undefined)
      return new AdminApi(accessOfKubeconfig(resolve(options.kubeconfig)));
    const layout = layoutOf(raftsmanHome(), options.name);
    return AdminApi.ofLocal(layout, requireClusterState(layout, options.name));
  }

  /** A cluster of this computer, whose folders hold the administrator's key. */
  static ofLocal(layout: ClusterLayout, state: ClusterState): AdminApi {
    const pki = adminPkiOf(layout);
    const read = (file: string): string => readFileSync(join(pki, file), "utf8");
    return new AdminApi({
      urls: serverUrlsOf(state),
      ca: read("ca.crt"),
      cert: read("admin.crt"),
      key: read("admin.key"),
    });
  }

  /**
   * The first server's answer that is one. Throws CommandError: Unsafe, NotRunning, or Failed with
   * what the server says.
   */
  async send(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<unknown> {
    const { ca, cert, key } = this.access;
    const urls = await this.urlsByReadiness();
    let last: unknown = null;
    for (const url of urls) {
      let answer: JsonAnswer;
      try {
        const to = new URL(path, url);
        const sent = body === undefined ? {} : { body };
        answer = await httpsRequest(to, { method, ca, cert, key, ...sent });
      } catch (error) {
        last = error;
        continue;
      }
      if (answer.status < 300) return answer.body;
      // That server may be cut off from the others: they may know better.
      if (answer.status === 503 && url !== urls.at(-1)) continue;
      throw refusalOf(answer);
    }
    throw new CommandError("NotRunning", `no server answers: ${messageOf(last)}`, {
      hint: `Asked were ${urls.join(", ")}.`,
      cause: last,
    });
  }

  /**
   * Writes what a server answers to a GET into a new file of this user alone. Throws CommandError
   * as send() does.
   */
  async download(
    path: string,
    { file, signal }: { readonly file: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const { ca, cert, key } = this.access;
    const urls = await this.urlsByReadiness();
    let last: unknown = null;
    for (const url of urls) {
      try {
        const answer = await httpsDownload(new URL(path, url), { ca, cert, key, file, signal });
        if (answer === null) return;
        last = refusalOf(answer);
      } catch (error) {
        signal.throwIfAborted();
        last = error;
      }
    }
    if (last instanceof CommandError) throw last;
    throw new CommandError("NotRunning", `no server answers: ${messageOf(last)}`, {
      hint: `Asked were ${urls.join(", ")}.`,
      cause: last,
    });
  }

  /** One that stands still takes connections and answers nothing: whoever is ready comes first. */
  private async urlsByReadiness(): Promise<readonly string[]> {
    const { urls, ca } = this.access;
    if (urls.length < 2) return urls;
    try {
      const ready = await Promise.any(urls.map((url) => mustBeReady(url, ca)));
      return [ready, ...urls.filter((url) => url !== ready)];
    } catch {
      return urls;
    }
  }
}

/** Rejects unless the server says within a moment that it is ready. */
async function mustBeReady(url: string, ca: string): Promise<string> {
  const to = new URL("/readyz", url);
  const { status } = await httpsRequest(to, { method: "GET", ca, timeout: READY_TIMEOUT_MS });
  if (status !== 200) throw new Error(`${url} is not ready`);
  return url;
}

function refusalOf({ status, body }: JsonAnswer): CommandError {
  const { error, message } = { ...(body as Refusal) };
  const text = error?.message ?? message ?? `the server answered with status ${status}`;
  if (error?.code === "Unsafe")
    return new CommandError("Unsafe", text, { hint: "Nothing was changed." });
  const hints = [
    [/^nobody in the group is called/, "raftsman member list shows who is."],
    [error?.code === "NotReady" ? /^/ : /^$/, "Try again in a moment: raftsman member list"],
  ] as const;
  const hint = hints.find(([pattern]) => pattern.test(text))?.[1] ?? "";
  return new CommandError("Failed", text, { hint });
}

interface Refusal {
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly message?: string };
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly Named<"context", { cluster: string; user: string }>[];
  readonly clusters?: readonly Named<"cluster", Readonly<Record<string, string>>>[];
  readonly users?: readonly Named<"user", Readonly<Record<string, string>>>[];
}
type Named<K extends string, V> = { readonly name: string } & { readonly [key in K]: V };

/** The current context of a kubeconfig with a client certificate. Throws CommandError "Usage". */
export function accessOfKubeconfig(path: string): AdminAccess {
  if (!existsSync(path))
    throw new CommandError("NotRunning", `there is no kubeconfig ${path}`, { hint: "" });
  const config = (parse(readFileSync(path, "utf8")) ?? {}) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  const file = (of: Readonly<Record<string, string>> | undefined, field: string): string => {
    const data = of?.[`${field}-data`];
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    const named = of?.[field];
    if (named !== undefined) return readFileSync(resolve(dirname(path), named), "utf8");
    throw new CommandError("Usage", `the kubeconfig ${path} has no ${field}`, {
      hint: "It must name a server, its certificate-authority and a client certificate with its key.",
    });
  };
  return {
    urls: [cluster?.["server"] ?? ""],
    ca: file(cluster, "certificate-authority"),
    cert: file(user, "client-certificate"),
    key: file(user, "client-key"),
  };
}
