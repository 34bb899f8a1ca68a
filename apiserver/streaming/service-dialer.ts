import { type Socket, connect } from "node:net";
import type { Duplex } from "node:stream";
import type { Endpoints, Service } from "../../api/schema/types/core-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import type { ProxyDeps } from "./proxy-handler.js";
import { PodPorts, dialPodPorts } from "./pod-ports.js";

/** A port of a Service. */
export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

/** Where a connection to a Service may end: at a pod, through its agent, or at an address. */
export type ServiceBackend =
  | { readonly type: "pod"; readonly pod: string; readonly port: number }
  | { readonly type: "address"; readonly host: string; readonly port: number };

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Connects to Services from the API server, which has neither their addresses nor a network of
 * pods: a pod behind one is reached through the tunnel of its agent, any other endpoint directly.
 */
export class ServiceDialer {
  private readonly deps: ProxyDeps;

  constructor(deps: ProxyDeps) {
    this.deps = deps;
  }

  /** A connection to one ready endpoint, drawn by chance. Throws an Error that says why not. */
  async dial(target: ServicePort, signal: AbortSignal): Promise<Duplex> {
    const read = (resource: string): Promise<unknown> =>
      this.deps.reader.get({ group: "", resource }, target);
    const service = (await read("services")) as Service | null;
    if (service === null) throw new Error(`service ${JSON.stringify(target.name)} not found`);
    const backends = backendsOf(
      service,
      (await read("endpoints")) as Endpoints | null,
      target.port,
    );
    if (typeof backends === "string") throw new Error(backends);
    const chosen = backends[this.deps.choose(backends.length)] ?? backends[0];
    if (chosen === undefined) throw new Error(noEndpoints(target.name));
    if (chosen.type === "address") return connectTo(chosen, this.deps.clock);
    return this.throughAgent({ namespace: target.namespace, ...chosen }, signal);
  }

  private async throughAgent(
    target: { readonly namespace: string; readonly pod: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<Duplex> {
    const ports = new PodPorts(await dialPodPorts(target, this.deps, signal), this.deps);
    const { data, error } = ports.connect(target.port);
    data.once("close", () => ports.close());
    // What the agent says of a port that nobody listens on is the reason, not the broken stream.
    void error.then((said) => {
      if (said !== "") data.destroy(new Error(said));
    });
    return data;
  }
}

/** An address that nobody answers at fails soon, and not when the system gives it up. */
function connectTo(
  { host, port }: { readonly host: string; readonly port: number },
  clock: Clock,
): Socket {
  const socket = connect({ host, port });
  const late = (): void =>
    void socket.destroy(new Error(`dial tcp ${host}:${port}: connect: connection timed out`));
  const cancel = clock.schedule(CONNECT_TIMEOUT_MS, late);
  socket.once("connect", cancel);
  socket.once("close", cancel);
  return socket;
}

/** All that may be connected to for a port of a Service; a text when there can be nothing. Pure. */
export function backendsOf(
  { spec, metadata }: Service,
  endpoints: Endpoints | null,
  portNumber: number,
): readonly ServiceBackend[] | string {
  const name = metadata.name;
  if (spec?.type === "ExternalName")
    return [{ type: "address", host: spec.externalName ?? "", port: portNumber }];
  const wanted = (spec?.ports ?? []).find(({ port }) => port === portNumber);
  if (wanted === undefined)
    return `no service port ${portNumber} found for service ${JSON.stringify(name)}`;
  const backends = (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const port = ports.find((each) => (each.name ?? "") === (wanted.name ?? ""))?.port;
    if (port === undefined) return [];
    return addresses.map(
      ({ ip, targetRef }): ServiceBackend =>
        targetRef?.kind === "Pod" && targetRef.name !== undefined
          ? { type: "pod", pod: targetRef.name, port }
          : { type: "address", host: ip, port },
    );
  });
  return backends.length === 0 ? noEndpoints(name) : backends;
}

function noEndpoints(name: string): string {
  return `no endpoints available for service ${JSON.stringify(name)}`;
}
