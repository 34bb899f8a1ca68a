import {
  addQuantities,
  formatQuantity,
  parseQuantity,
  ZERO_QUANTITY,
} from "../../../api/machinery/quantity.js";
import type { NodeMetrics, PodMetrics } from "../../../api/schema/types/metrics-v1beta1.gen.js";
import { NAME_COLUMN } from "../common/table-columns.js";
import { virtualStrategy } from "../core/virtual-strategy.js";
import type { Strategy, TableColumn } from "../strategy.js";

/** As metrics-server names them. */
const COLUMNS: readonly TableColumn[] = [
  NAME_COLUMN,
  {
    name: "cpu",
    type: "string",
    format: "quantity",
    description: "CPUs that were busy on average.",
    priority: 0,
  },
  {
    name: "memory",
    type: "string",
    format: "quantity",
    description: "The working set.",
    priority: 0,
  },
  {
    name: "Window",
    type: "string",
    format: "duration",
    description: "The interval of the average.",
    priority: 0,
  },
];

/** Usage is only ever read; it has a table. */
export const nodeMetricsStrategy: Strategy<NodeMetrics> = {
  ...(virtualStrategy as unknown as Strategy<NodeMetrics>),
  table: {
    columns: COLUMNS,
    cells: ({ metadata, usage, window }) => [
      metadata.name,
      usage["cpu"] ?? "0",
      usage["memory"] ?? "0",
      window,
    ],
  },
};

/** A pod uses what its containers use together. */
export const podMetricsStrategy: Strategy<PodMetrics> = {
  ...(virtualStrategy as unknown as Strategy<PodMetrics>),
  table: {
    columns: COLUMNS,
    cells: (pod) => [pod.metadata.name, sumOf(pod, "cpu"), sumOf(pod, "memory"), pod.window],
  },
};

function sumOf({ containers }: PodMetrics, resource: string): string {
  const parsed = containers.map(({ usage }) => parseQuantity(usage[resource] ?? "0"));
  const [first = ZERO_QUANTITY, ...rest] = parsed.filter((quantity) => quantity !== null);
  return formatQuantity(rest.reduce(addQuantities, first));
}
