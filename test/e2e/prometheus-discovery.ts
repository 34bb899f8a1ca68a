import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:https";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { LineSplitter } from "../../api/client/json-lines.js";
import type { Endpoints, Node } from "../../api/schema/types/core-v1.gen.js";

const LINE_BYTES_MAX = 1 << 20;
const RETRY_MS = 500;
const ADDRESS_TYPES = ["InternalIP", "ExternalIP", "Hostname"];

/** What discovery finds for a role, as file_sd_configs reads it. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

interface Named {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** A role of kubernetes_sd_configs: what it lists and watches, and which targets that makes. */
interface Role {
  readonly paths: (namespace: string | null) => readonly string[];
  /** Of the objects of the first path. */
  readonly groups: (object: Named) => TargetGroup[];
}

/** The roles that deploy/prometheus uses, as Prometheus' documentation has them. */
const ROLES: Readonly<Record<string, Role>> = {
  // Services and pods give labels only; a missing right to them stops Prometheus all the same.
  endpoints: {
    paths: (namespace) =>
      ["endpoints", "services", "pods"].map((plural) => pathOf(plural, namespace)),
    groups: (object) => groupsOfEndpoints(object as Endpoints),
  },
  node: {
    paths: () => [pathOf("nodes", null)],
    groups: (object) => groupsOfNode(object as Node),
  },
};

function pathOf(plural: string, namespace: string | null): string {
  return namespace === null ? `/api/v1/${plural}` : `/api/v1/namespaces/${namespace}/${plural}`;
}

function groupsOfEndpoints({ metadata, subsets = [] }: Endpoints): TargetGroup[] {
  const named = {
    __meta_kubernetes_namespace: metadata?.namespace ?? "",
    __meta_kubernetes_endpoints_name: metadata?.name ?? "",
    __meta_kubernetes_service_name: metadata?.name ?? "",
  };
  return subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.map(({ name = "", port, protocol = "TCP" }) => ({
      targets: addresses.map(({ ip }) => `${ip}:${port}`),
      labels: {
        ...named,
        __meta_kubernetes_endpoint_port_name: name,
        __meta_kubernetes_endpoint_port_protocol: protocol,
        __meta_kubernetes_endpoint_ready: "true",
      },
    })),
  );
}

function groupsOfNode({ metadata, status }: Node): TargetGroup[] {
  const addresses = status?.addresses ?? [];
  const [address] = ADDRESS_TYPES.flatMap((type) => addresses.filter((one) => one.type === type));
  if (address === undefined) return [];
  const name = metadata?.name ?? "";
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 10_250;
  const labels = { instance: name, __meta_kubernetes_node_name: name };
  return [{ targets: [`${address.address}:${port}`], labels }];
}

export interface DiscoveryOptions {
  readonly role: string;
  /** Null: in all. */
  readonly namespace: string | null;
  /** Such as https://192.0.2.1:6443. */
  readonly apiServer: string;
  /** Holds ca.crt and token; the targets are written to ROLE.json in it. */
  readonly folder: string;
}

/**
 * Asks the API for targets as Prometheus' discovery does where it is built in: a list and a watch
 * of all that the role is made of, with the token of the service account; what it finds is in a
 * file for file_sd_configs, whole at any moment.
 */
export class Discovery {
  readonly file: string;
  /** Why lists and watches failed, newest last; empty while all is well. */
  readonly failures: string[] = [];
  /** Events that watches have told. */
  events = 0;
  private readonly options: DiscoveryOptions;
  private readonly agent: Agent;
  private readonly found = new Map<string, TargetGroup[]>();
  private readonly closing = new AbortController();

  constructor(options: DiscoveryOptions) {
    this.options = options;
    this.file = join(options.folder, `${options.role}.json`);
    this.agent = new Agent({ ca: readFileSync(join(options.folder, "ca.crt")), keepAlive: false });
    this.write();
    const role = ROLES[options.role];
    if (role === undefined) throw new Error(`no role ${options.role}`);
    for (const [index, path] of role.paths(options.namespace).entries())
      void this.follow(path, index === 0 ? role : null);
  }

  close(): void {
    this.closing.abort();
    this.agent.destroy();
  }

  /** Lists, watches until that ends, and begins anew. `role` is null for what makes no targets. */
  private async follow(path: string, role: Role | null): Promise<void> {
    while (!this.closing.signal.aborted)
      try {
        const version = await this.list(path, role);
        await this.watch(`${path}?watch=true&allowWatchBookmarks=true&${version}`, role);
      } catch (error) {
        if (this.closing.signal.aborted) return;
        this.failures.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
  }

  private async list(path: string, role: Role | null): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of await this.ask(`${path}?limit=500&resourceVersion=0`))
      chunks.push(chunk as Buffer);
    const list = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly metadata: { readonly resourceVersion: string };
      readonly items: readonly Named[];
    };
    if (role !== null) {
      this.found.clear();
      for (const item of list.items) this.found.set(keyOf(item), role.groups(item));
      this.write();
    }
    return `resourceVersion=${list.metadata.resourceVersion}`;
  }

  private async watch(path: string, role: Role | null): Promise<void> {
    const lines = new LineSplitter(LINE_BYTES_MAX);
    for await (const chunk of await this.ask(path))
      for (const line of lines.push(chunk as Buffer)) {
        const { type, object } = JSON.parse(line) as { type: string; object: Named };
        if (type === "ERROR") throw new Error(line);
        if (type === "BOOKMARK" || role === null) continue;
        this.events += 1;
        if (type === "DELETED") this.found.delete(keyOf(object));
        else this.found.set(keyOf(object), role.groups(object));
        this.write();
      }
  }

  private async ask(path: string): Promise<IncomingMessage> {
    const { apiServer, folder } = this.options;
    const token = readFileSync(join(folder, "token"), "utf8").trim();
    const request = get(`${apiServer}${path}`, {
      agent: this.agent,
      headers: { authorization: `Bearer ${token}`, accept: "application/json" },
      signal: this.closing.signal,
    });
    const [answer] = (await once(request, "response")) as [IncomingMessage];
    if (answer.statusCode === 200) return answer;
    answer.resume();
    throw new Error(`HTTP ${answer.statusCode}`);
  }

  private write(): void {
    const groups = [...this.found.values()].flat();
    writeFileSync(`${this.file}.new`, JSON.stringify(groups));
    renameSync(`${this.file}.new`, this.file);
  }
}

function keyOf({ metadata }: Named): string {
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}
