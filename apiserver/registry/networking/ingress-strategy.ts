import type { Ingress } from "../../../api/schema/types/networking-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import {
  specChanged,
  withFirstGeneration,
  withNextGeneration,
  withSpecOf,
  withStatusOf,
} from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateIngress, validateIngressUpdate } from "./ingress-validation.js";

const HOSTS_SHOWN_MAX = 3;
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";

const table: TableDefinition<Ingress> = {
  columns: [
    NAME_COLUMN,
    column("Class", "Which controller is to serve it."),
    column("Hosts", "The hosts of its rules."),
    column("Address", "Where it is reached."),
    column("Ports", "The ports it is served on."),
    AGE_COLUMN,
  ],
  cells: (ingress, nowMs) => [
    ingress.metadata.name,
    classOf(ingress),
    hostsOf(ingress),
    addressesOf(ingress),
    (ingress.spec.tls ?? []).length > 0 ? "80, 443" : "80",
    ageOf(ingress.metadata.creationTimestamp, nowMs),
  ],
};

/** Ingresses: the generation grows with the spec. */
export const ingressStrategy: Strategy<Ingress> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (ingress) => withFirstGeneration({ ...ingress, status: { loadBalancer: {} } }),
  prepareForUpdate(ingress, old, subresource) {
    if (subresource === "status") return withSpecOf(ingress, old);
    return withNextGeneration(withStatusOf(ingress, old), old, specChanged(ingress, old));
  },
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  warnings: ({ metadata }) =>
    metadata.annotations?.[CLASS_ANNOTATION] === undefined
      ? []
      : [
          `annotation "${CLASS_ANNOTATION}" is deprecated, please use ` +
            "'spec.ingressClassName' instead",
        ],
  table,
};

function classOf({ metadata, spec }: Ingress): string {
  return spec.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION] ?? "<none>";
}

function hostsOf({ spec }: Ingress): string {
  const hosts = (spec.rules ?? []).map(({ host = "" }) => host).filter((host) => host !== "");
  if (hosts.length === 0) return "*";
  const shown = hosts.slice(0, HOSTS_SHOWN_MAX).join(",");
  const more = hosts.length - HOSTS_SHOWN_MAX;
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

function addressesOf({ status }: Ingress): string {
  return (status?.loadBalancer?.ingress ?? [])
    .map(({ ip = "", hostname = "" }) => (ip === "" ? hostname : ip))
    .filter((address) => address !== "")
    .join(",");
}
