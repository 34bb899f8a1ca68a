import { apiVersionOf } from "../../api/schema/kinds.js";
import type {
  APIService,
  APIServiceCondition,
} from "../../api/schema/types/apiregistration-v1.gen.js";
import type { Endpoints, Service } from "../../api/schema/types/core-v1.gen.js";
import type { AggregatedService } from "./aggregated-services.js";

/** What the condition Available is to say. */
export interface Availability {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

export const PASSED: Availability = {
  status: "True",
  reason: "Passed",
  message: "all checks passed",
};

/** Of an APIService whose version this server serves itself. Pure. */
export function localAvailability({ spec }: APIService): Availability {
  const { service, group = "", version = "" } = spec ?? {};
  const message =
    service === undefined
      ? "Local APIServices are always available"
      : `${apiVersionOf(group, version)} is served by this API server itself; ` +
        `service/${service.name ?? ""} in "${service.namespace ?? ""}" is not asked`;
  return { status: "True", reason: "Local", message };
}

/**
 * Why a server cannot be asked, by what is known of its Service, in the reference's words; null: it
 * can. Pure.
 */
export function obstacleOf(
  { service: { namespace, name, port } }: AggregatedService,
  found: { readonly service: Service | null; readonly endpoints: Endpoints | null },
): Availability | null {
  const of = `service/${name} in "${namespace}"`;
  const unavailable = (reason: string, message: string): Availability => ({
    status: "False",
    reason,
    message,
  });
  const { service, endpoints } = found;
  if (service === null) return unavailable("ServiceNotFound", `${of} is not present`);
  if ((service.spec?.type ?? "ClusterIP") === "ExternalName") return null;
  const wanted = (service.spec?.ports ?? []).find((each) => each.port === port);
  if (wanted === undefined)
    return unavailable("ServicePortError", `${of} is not listening on port ${port}`);
  if (endpoints === null)
    return unavailable("EndpointsNotFound", `cannot find endpoints for ${of}`);
  const portName = wanted.name ?? "";
  const ready = (endpoints.subsets ?? []).some(
    ({ addresses = [], ports = [] }) =>
      addresses.length > 0 && ports.some((each) => (each.name ?? "") === portName),
  );
  if (ready) return null;
  const text = `endpoints for ${of} have no addresses with port name "${portName}"`;
  return unavailable("MissingEndpoints", text);
}

/** Of a server that did not say what it serves. Pure. */
export function failedCheck(why: string): Availability {
  return { status: "False", reason: "FailedDiscoveryCheck", message: why };
}

/** The conditions with what is known now; null when they say so already. Pure. */
export function planConditions(
  { status }: APIService,
  { status: value, reason, message }: Availability,
  now: string,
): readonly APIServiceCondition[] | null {
  const conditions = status?.conditions ?? [];
  const known = conditions.find(({ type }) => type === "Available");
  if (known?.status === value && known.reason === reason && known.message === message) return null;
  const since = known?.status === value ? known.lastTransitionTime : now;
  const next: APIServiceCondition = {
    type: "Available",
    status: value,
    ...(since === undefined ? {} : { lastTransitionTime: since }),
    reason,
    message,
  };
  return [...conditions.filter(({ type }) => type !== "Available"), next];
}
