import { cpSync } from "node:fs";
import { join } from "node:path";
import { isApiError } from "../../../api/client/api-error.js";
import type { ApiClient } from "../../../api/client/client-types.js";
import { createApiClient } from "../../../api/client/rest-client.js";
import { CONFIG_MAPS } from "../../../api/client/resource-types.js";
import { systemClock, systemRandom } from "../../../api/client/system-clock.js";
import { messageOf } from "../../../base/errors.js";
import { silentLogger } from "../../../base/logger.js";
import { adminPkiOf } from "../../../deploy/local-cluster/cluster-status.js";
import type { ClusterLayout } from "../../../deploy/local-cluster/layout.js";
import { until } from "../until.js";

const NAMESPACE = "default";
const CALL_MS = 5_000;
/** A server that stands still is left soon. */
const TIMES = {
  connectTimeoutMs: 1_000,
  pingIntervalMs: 500,
  pingTimeoutMs: 1_000,
  certificateCheckMs: 60_000,
};

/** Where and as whom to write. */
export interface WriterAccess {
  readonly servers: readonly string[];
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Copies of the administrator's keys: the folder they come from may be lost. */
export function adminFilesOf(
  layout: ClusterLayout,
  folder: string,
): Pick<WriterAccess, "caFile" | "certFile" | "keyFile"> {
  cpSync(adminPkiOf(layout), folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  return { caFile: file("ca.crt"), certFile: file("admin.crt"), keyFile: file("admin.key") };
}

/** Creates one ConfigMap after the other and knows which were acknowledged. */
export class SteadyWriter {
  readonly acknowledged: string[] = [];
  /** Why others were not: of those nobody knows. */
  readonly failures: string[] = [];
  private readonly client: ApiClient;
  private isStopped = false;
  private readonly done: Promise<void>;

  constructor(access: WriterAccess) {
    this.client = createApiClient(
      { ...access, userAgent: "raftsman-test/1" },
      { clock: systemClock, random: systemRandom, logger: silentLogger, times: TIMES },
    );
    this.done = this.run();
  }

  /** Resolves once so many more were acknowledged. */
  async untilWritten(more: number): Promise<void> {
    const goal = this.acknowledged.length + more;
    await until(`${more} more writes`, async () => this.acknowledged.length >= goal);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
    this.client.close();
  }

  private async run(): Promise<void> {
    for (let n = 0; !this.isStopped; n += 1) {
      const name = `steady-${String(n).padStart(5, "0")}`;
      const metadata = { name, namespace: NAMESPACE, labels: { app: "steady" } };
      const signal = AbortSignal.timeout(CALL_MS);
      try {
        await this.client
          .resource(CONFIG_MAPS)
          .create({ apiVersion: "v1", kind: "ConfigMap", metadata }, { signal });
        this.acknowledged.push(name);
      } catch (error) {
        if (isApiError(error, "AlreadyExists")) throw error;
        this.failures.push(`${name}: ${messageOf(error)}`);
      }
    }
  }
}
