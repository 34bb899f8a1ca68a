import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../base/logger.js";
import { connectStore } from "../consensus.js";
import { type ConsensusOptions, runConsensus } from "../main.js";
import type { Store } from "../store-api.js";

/** A consensus process in this one, and a client of its socket; both end with the test. */
export async function serveStore(
  t: { teardown(run: () => Promise<void>): void },
  options: Pick<ConsensusOptions, "sizeLimitBytes"> = {},
): Promise<{ store: Store; socketPath: string }> {
  const folder = mkdtempSync(join(tmpdir(), "raftsman-socket-"));
  const socketPath = join(folder, "s");
  const running = await runConsensus({
    dataDir: join(folder, "data"),
    memberName: "a",
    socketPath,
    logger: silentLogger,
    unsafeNoFsync: true,
    ...options,
  });
  const store = await connectStore({ socketPath });
  t.teardown(async () => {
    await store.close();
    await running.stop();
    rmSync(folder, { recursive: true });
  });
  return { store, socketPath };
}
