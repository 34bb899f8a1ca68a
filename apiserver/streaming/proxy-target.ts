import { badRequest, failure, notFound } from "../../api/machinery/status.js";
import type { Endpoints, Service } from "../../api/schema/types/core-v1.gen.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import type { PodLocator } from "./pod-locator.js";

/** What a proxied path names: `name`, `name:port` or `scheme:name:port`. */
export interface ProxyName {
  readonly scheme: "http" | "https";
  readonly name: string;
  /** A number or the name of a port; "" when none is named. */
  readonly port: string;
}

/** A port of a pod that a proxied call goes to. */
export interface ProxyTarget {
  readonly scheme: "http" | "https";
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** Null for what is none of the three forms. */
export function parseProxyName(text: string): ProxyName | null {
  const parts = text.split(":");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length === 1) return { scheme: "http", name: first, port: "" };
  if (parts.length === 2) return { scheme: "http", name: first, port: second };
  if (parts.length !== 3 || (first !== "http" && first !== "https" && first !== "")) return null;
  return { scheme: first === "https" ? "https" : "http", name: second, port: third };
}

/** Finds the pod and port behind a proxied pod. Throws 400, 404. */
export async function podTarget(
  namespace: string,
  text: string,
  locator: PodLocator,
): Promise<ProxyTarget> {
  const { scheme, name, port } = nameOrFail(text, "pod");
  const pod = await locator.pod(namespace, name);
  const containerPorts = pod.spec.containers.flatMap(({ ports = [] }) => ports);
  const named = port === "" ? containerPorts[0] : containerPorts.find((p) => p.name === port);
  const number = named?.containerPort ?? (port === "" ? 80 : portNumber(port));
  return { scheme, namespace, pod: name, port: number };
}

/** Chooses a ready pod behind a Service. Throws 400, 404, 503. */
export async function serviceTarget(
  namespace: string,
  text: string,
  deps: { readonly reader: ObjectReader; readonly choose: (count: number) => number },
): Promise<ProxyTarget> {
  const { scheme, name, port } = nameOrFail(text, "service");
  const read = (resource: string): Promise<unknown> =>
    deps.reader.get({ group: "", resource }, { namespace, name });
  const service = (await read("services")) as Service | null;
  if (service === null) throw new ApiFailure(notFound({ group: "", resource: "services" }, name));
  const servicePorts = service.spec?.ports ?? [];
  const wanted =
    port === "" && servicePorts.length === 1
      ? servicePorts[0]
      : servicePorts.find((p) => p.name === port || String(p.port) === port);
  const none = `no endpoints available for service ${JSON.stringify(name)}`;
  const unavailable = new ApiFailure(failure(503, "ServiceUnavailable", none));
  if (wanted === undefined) throw unavailable;
  const endpoints = (await read("endpoints")) as Endpoints | null;
  const candidates = podsBehind(endpoints, wanted.name ?? "");
  const chosen = candidates[deps.choose(Math.max(1, candidates.length))];
  if (chosen === undefined) throw unavailable;
  return { scheme, namespace, ...chosen };
}

function podsBehind(
  endpoints: Endpoints | null,
  portName: string,
): readonly { readonly pod: string; readonly port: number }[] {
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const port = ports.find(({ name = "" }) => name === portName)?.port;
    if (port === undefined) return [];
    return addresses.flatMap(({ targetRef }) =>
      targetRef?.kind === "Pod" && targetRef.name !== undefined
        ? [{ pod: targetRef.name, port }]
        : [],
    );
  });
}

function nameOrFail(text: string, what: string): ProxyName {
  const parsed = parseProxyName(text);
  if (parsed !== null && parsed.name !== "") return parsed;
  throw new ApiFailure(badRequest(`invalid ${what} request ${JSON.stringify(text)}`));
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ApiFailure(badRequest(`invalid port ${JSON.stringify(text)}`));
}
