import type { Endpoints } from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { joinHostPort } from "../common/join-host-port.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateEndpoints } from "./endpoints-validation.js";

const ENDPOINTS_SHOWN_MAX = 3;

const table: TableDefinition<Endpoints> = {
  columns: [NAME_COLUMN, column("Endpoints", "The first of the ready addresses."), AGE_COLUMN],
  cells: (endpoints, nowMs) => [
    endpoints.metadata.name,
    formatEndpoints(endpoints),
    ageOf(endpoints.metadata.creationTimestamp, nowMs),
  ],
};

/** Endpoints: what is written is kept as it is. */
export const endpointsStrategy: Strategy<Endpoints> = {
  deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (endpoints) => endpoints,
  prepareForUpdate: (endpoints) => endpoints,
  validate: validateEndpoints,
  validateUpdate: validateEndpoints,
  warnings: () => ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"],
  allowCreateOnUpdate: true,
  table,
};

function formatEndpoints(endpoints: Endpoints): string {
  const shown: string[] = [];
  let count = 0;
  const subsets = endpoints.subsets ?? [];
  if (subsets.length === 0) return "<none>";
  for (const { addresses = [], ports = [] } of subsets) {
    const portNumbers = ports.length === 0 ? [null] : ports.map(({ port }) => port);
    for (const port of portNumbers) {
      count += addresses.length;
      for (const { ip } of addresses) {
        if (shown.length === ENDPOINTS_SHOWN_MAX) break;
        shown.push(port === null ? ip : joinHostPort(ip, port));
      }
    }
  }
  const list = shown.join(",");
  return count > shown.length ? `${list} + ${count - shown.length} more...` : list;
}
