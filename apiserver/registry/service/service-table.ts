import type { Service } from "../../../api/schema/types/core-v1.gen.js";
import { formatLabels } from "../common/format-labels.js";
import { ageOf } from "../common/age.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { TableDefinition } from "../strategy.js";

/** `kubectl get services`. */
export const serviceTable: TableDefinition<Service> = {
  columns: [
    NAME_COLUMN,
    column("Type", "How the service is exposed."),
    column("Cluster-IP", "The virtual IP inside the cluster."),
    column("External-IP", "Where it is reached from outside."),
    column("Port(s)", "Its ports, with node ports behind a colon."),
    AGE_COLUMN,
    wideColumn("Selector", "The labels of the pods behind it."),
  ],
  cells: (service, nowMs) => [
    service.metadata.name,
    service.spec.type ?? "",
    service.spec.clusterIPs?.[0] ?? orNone(service.spec.clusterIP ?? ""),
    externalIp(service),
    orNone(portsCell(service)),
    ageOf(service.metadata.creationTimestamp, nowMs),
    formatLabels(service.spec.selector),
  ],
};

function externalIp(service: Service): string {
  const { externalIPs = [], externalName = "", type = "" } = service.spec;
  switch (type) {
    case "ClusterIP":
    case "NodePort":
      return orNone(externalIPs.join(","));
    case "LoadBalancer": {
      const ingress = (service.status?.loadBalancer?.ingress ?? [])
        .map(({ ip = "", hostname = "" }) => (ip === "" ? hostname : ip))
        .filter((address) => address !== "");
      const all = [...ingress, ...externalIPs];
      return all.length === 0 ? "<pending>" : all.join(",");
    }
    case "ExternalName":
      return externalName;
    default:
      return "<unknown>";
  }
}

function portsCell(service: Service): string {
  return (service.spec.ports ?? [])
    .map(({ port, nodePort = 0, protocol = "TCP" }) =>
      nodePort > 0 ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
    )
    .join(",");
}

function orNone(text: string): string {
  return text === "" ? "<none>" : text;
}
