import type { KeyPairFiles } from "../pki/cluster-pki.js";

/** What the worker with the controllers and the scheduler is told. */
export interface LoopsConfig {
  /** Who holds the loops' Leases: the server's name. */
  readonly identity: string;
  readonly cluster: string;
  /** The API of this server; loops are ordinary clients of it. */
  readonly server: string;
  readonly caFile: string;
  /** The key of the authority, with which certificates are signed that were approved. */
  readonly caKeyFile: string;
  readonly controllerManager: KeyPairFiles;
  readonly scheduler: KeyPairFiles;
  readonly clusterCidr: string;
  readonly nodeUsageWeight: number;
  readonly version: string;
}
