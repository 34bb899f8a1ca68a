import type { EndpointSlice } from "../../../api/schema/types/discovery-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withFirstGeneration, withNextGeneration } from "../common/prepare.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./endpoint-slice-validation.js";

const SHOWN_MAX = 3;

const table: TableDefinition<EndpointSlice> = {
  columns: [
    NAME_COLUMN,
    column("AddressType", "The kind of addresses: IPv4, IPv6 or FQDN."),
    column("Ports", "The ports that every endpoint has."),
    column("Endpoints", "The first of the addresses."),
    AGE_COLUMN,
  ],
  cells: (slice, nowMs) => [
    slice.metadata.name,
    slice.addressType,
    portsCell(slice),
    someOf((slice.endpoints ?? []).flatMap(({ addresses }) => addresses)),
    ageOf(slice.metadata.creationTimestamp, nowMs),
  ],
};

/** EndpointSlices: the generation grows with endpoints, ports and the labels and annotations. */
export const endpointSliceStrategy: Strategy<EndpointSlice> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: withFirstGeneration,
  prepareForUpdate: (slice, old) => withNextGeneration(slice, old, changed(slice, old)),
  validate: (slice) => validateEndpointSlice(slice),
  validateUpdate: validateEndpointSliceUpdate,
  allowCreateOnUpdate: true,
  table,
};

function changed(slice: EndpointSlice, old: EndpointSlice): boolean {
  return !(
    semanticEqual(slice.endpoints, old.endpoints) &&
    semanticEqual(slice.ports, old.ports) &&
    slice.addressType === old.addressType &&
    semanticEqual(slice.metadata.labels, old.metadata.labels, "labels") &&
    semanticEqual(slice.metadata.annotations, old.metadata.annotations, "annotations")
  );
}

function portsCell(slice: EndpointSlice): string {
  return someOf((slice.ports ?? []).map(({ port, name }) => String(port ?? name ?? "*")));
}

/** The first few of a list, and how many more there are. */
function someOf(all: readonly string[]): string {
  const shown = all.slice(0, SHOWN_MAX).join(",");
  if (all.length > SHOWN_MAX) return `${shown} + ${all.length - SHOWN_MAX} more...`;
  return shown === "" ? "<unset>" : shown;
}
