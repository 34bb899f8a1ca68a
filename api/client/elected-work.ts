import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import type { ApiClient } from "./client-types.js";
import { LeaderElector, type LeaderElectionTimes, type LeaderWork } from "./leader-election.js";

/** What every elected part of a server needs of its process. */
export interface ElectedOptions {
  /** Connected with the rights of that part. Not closed by it. */
  readonly client: ApiClient;
  /** Told apart from every other candidate for leadership, such as `server-1_<uuid>`. */
  readonly identity: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly election?: LeaderElectionTimes;
}

/** An elected part at work, or waiting to lead. */
export interface RunningElected {
  /** True while this process leads. */
  readonly isLeader: () => boolean;
  /** Rejects when the part failed by a fault of ours: the process must then end. */
  readonly failed: Promise<never>;
  /** Ends the work, gives the Lease back and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Takes part in the election for the Lease of that name in `kube-system`; works while it leads. */
export function startElected(
  leaseName: string,
  options: ElectedOptions,
  work: LeaderWork,
): RunningElected {
  const { client, clock, random, logger, identity, election } = options;
  const elector = new LeaderElector(
    {
      namespace: "kube-system",
      name: leaseName,
      identity,
      ...(election === undefined ? {} : { times: election }),
    },
    { client, clock, random, logger },
  );
  const stopping = new AbortController();
  const running = elector.run(work, stopping.signal);
  const failed = new Promise<never>((_resolve, reject) => {
    running.catch((error: unknown) => {
      logger.error("elected work failed", { lease: leaseName, error, why: messageOf(error) });
      reject(error instanceof Error ? error : new Error(messageOf(error)));
    });
  });
  return {
    isLeader: () => elector.currentFence() !== null,
    failed,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
