import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CodedError, messageOf } from "../../base/errors.js";
import {
  type BackupOptions,
  type ConsensusOptions,
  forceNewGroup,
  runConsensus,
  type RunningConsensus,
} from "../../consensus/main.js";
import type { Logger } from "../../base/logger.js";
import { CommandError } from "../cli/output.js";
import { forgetProcess, recordProcess } from "../local-cluster/process-record.js";
import type { ServerPki } from "../pki/cluster-pki.js";
import { processLogger } from "../process-logger.js";
import { RAFTSMAN_VERSION } from "../version.js";
import { ApiSupervisor } from "./api-supervisor.js";
import { FSYNC_RECORD, SLOW_FSYNC } from "./chaos-hooks.js";
import { claimMember, storeFolderOf, urlsOf } from "./claim-member.js";
import type { ServerConfig } from "./server-config.js";
import { ensurePkiOf } from "./server-pki.js";

const STOP_GRACE_MS = 10_000;
const HOUR_MS = 3_600_000;
/** Read with --chaos-hooks alone. */
const UNSAFE_LEASE_READS = "RAFTSMAN_CHAOS_UNSAFE_LEASE_READS";

type ChaosOption = "fsyncRecord" | "slowFsyncFile" | "unsafeLeaseReads";

/**
 * `raftsman server`: this process is the consensus process; the API server is its child. Resolves
 * when the server was asked to stop and has stopped. Throws CommandError when it cannot start.
 */
export async function runServer(config: ServerConfig): Promise<void> {
  process.title = `raftsman: server ${config.name} (${config.cluster})`;
  const logger = processLogger("consensus");
  mkdirSync(config.runDir, { recursive: true, mode: 0o700 });
  const storeSocket = join(config.runDir, "consensus.sock");
  const { consensus, pki } = await startConsensus(config, { storeSocket, logger });
  recordProcess(config.runDir, "consensus", process.pid);
  const outcome = new Outcome();
  const supervisor = new ApiSupervisor(
    // The token is nobody else's business any more.
    { server: { ...config, join: null }, pki, storeSocket, version: RAFTSMAN_VERSION },
    {
      logger,
      events: {
        onReady: (pid, port) => {
          recordProcess(config.runDir, "api", pid);
          logger.info("the API is served", { pid, port });
        },
        onFatal: (failure) => outcome.fail(apiFailure(failure)),
      },
    },
  );
  supervisor.start();
  if (config.chaosHooks) process.on("SIGUSR2", () => supervisor.disturb());
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => outcome.end());
  try {
    await outcome.reached;
    // First of all: while the API finishes what it was asked, another has the virtual address.
    await consensus.handOver();
  } finally {
    await supervisor.stop(STOP_GRACE_MS);
    await consensus.stop();
    forgetProcess(config.runDir, "api");
    forgetProcess(config.runDir, "consensus");
  }
}

/** What the chaos suite needs to play a power loss, and to show that it notices stale reads. */
function chaosOptions(config: ServerConfig): Pick<ConsensusOptions, ChaosOption> {
  if (!config.chaosHooks) return {};
  const unsafeLeaseReads = process.env[UNSAFE_LEASE_READS] === "1";
  const files = {
    fsyncRecord: join(config.runDir, FSYNC_RECORD),
    slowFsyncFile: join(config.runDir, SLOW_FSYNC),
  };
  return { ...files, unsafeLeaseReads };
}

/** Joins or founds a cluster where need be. Throws CommandError. */
async function startConsensus(
  config: ServerConfig,
  { storeSocket, logger }: { readonly storeSocket: string; readonly logger: Logger },
): Promise<{ readonly consensus: RunningConsensus; readonly pki: ServerPki }> {
  try {
    if (config.forceNewCluster) await forceNewCluster(config, logger);
    const { memberId } = await claimMember(config, logger);
    const pki = await ensurePkiOf(config, memberId);
    const consensus = await runConsensus({
      dataDir: storeFolderOf(config),
      memberName: config.name,
      socketPath: storeSocket,
      logger,
      unsafeNoFsync: config.unsafeNoFsync,
      version: RAFTSMAN_VERSION,
      peers: {
        listen: config.peerListen,
        advertiseHost: config.advertiseAddress,
        apiUrl: urlsOf(config).apiUrl,
        tls: { caFile: pki.caFile, ...pki.peer },
      },
      ...(config.metricsListen === null ? {} : { metricsListen: config.metricsListen }),
      ...(config.etcdApi === null
        ? {}
        : { etcdApi: { ...config.etcdApi, unsafe: config.etcdApiUnsafe } }),
      sizeLimitBytes: config.storeLimitBytes,
      ...(config.backups === null
        ? {}
        : { backups: backupOptions(config.dataDir, config.backups) }),
      ...chaosOptions(config),
    });
    return { consensus, pki };
  } catch (error) {
    throw startFailure(error);
  }
}

/** Throws CommandError "Failed" where there is no data that a cluster could be made of. */
async function forceNewCluster(config: ServerConfig, logger: Logger): Promise<void> {
  if ((await forceNewGroup(storeFolderOf(config), logger)) !== null) return;
  throw new CommandError("Failed", `--force-new-cluster: ${config.dataDir} has no member's data`, {
    hint: "It makes a cluster of the data of a server that is left over.",
  });
}

function backupOptions(
  dataDir: string,
  { everyHours, kept }: NonNullable<ServerConfig["backups"]>,
): BackupOptions {
  return { folder: join(dataDir, "backups"), everyMs: everyHours * HOUR_MS, kept };
}

/** How this process ends: asked to, or by a failure. Whatever comes first counts. */
class Outcome {
  readonly reached: Promise<void>;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;

  constructor() {
    this.reached = new Promise<void>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  end(): void {
    this.settle?.resolve();
  }

  fail(error: CommandError): void {
    this.settle?.reject(error);
  }
}

function startFailure(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const hints: Readonly<Record<string, string>> = {
    DataDirInUse: "Another server uses this folder. Stop it, or give this one its own --data-dir.",
    DiskFull: "Free some space on that disk and start the server again: nothing was lost.",
    PeerAddressInUse: "Stop the program that listens there, or choose another peerListen.",
    MetricsAddressInUse: "Stop the program that listens there, or choose another metricsListen.",
    WrongToken: "Give the token that the cluster's raftsman token create printed.",
    NoSpace: "Free some space on that disk and start the server again: nothing was lost.",
  };
  const code = error instanceof CodedError ? error.code : "";
  return new CommandError("Failed", `the server cannot start: ${messageOf(error)}`, {
    hint: hints[code] ?? "",
    cause: error,
  });
}

function apiFailure(failure: { code: string; message: string }): CommandError {
  const hint =
    failure.code === "EADDRINUSE"
      ? "Stop the program that listens there (ss -ltnp shows it), or choose another --listen."
      : failure.code === "EACCES"
        ? "Ports below 1024 need root."
        : "";
  return new CommandError("Failed", `the API cannot be served: ${failure.message}`, { hint });
}
