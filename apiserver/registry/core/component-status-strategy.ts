import type { ComponentStatus } from "../../../api/schema/types/core-v1.gen.js";
import { column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";
import { virtualStrategy } from "./virtual-strategy.js";

/** The health of parts of the control plane is only ever read; it has a table. */
export const componentStatusStrategy: Strategy<ComponentStatus> = {
  ...(virtualStrategy as unknown as Strategy<ComponentStatus>),
  deprecation: "v1 ComponentStatus is deprecated in v1.19+",
  table: {
    columns: [
      NAME_COLUMN,
      column("Status", "Whether the part is healthy."),
      column("Message", "What it answered."),
      column("Error", "What went wrong when it was asked."),
    ],
    cells: ({ metadata, conditions = [] }) => {
      const condition = conditions.find(({ type }) => type === "Healthy");
      const status = WORDS[condition?.status ?? ""] ?? "Unknown";
      return [metadata.name, status, condition?.message ?? "", condition?.error ?? ""];
    },
  },
};

const WORDS: Readonly<Record<string, string>> = { True: "Healthy", False: "Unhealthy" };
