/** A consensus process for the benchmark: `node store-process.js FOLDER`. Ends with its parent. */
import { join } from "node:path";
import { silentLogger } from "../../base/logger.js";
import { runConsensus } from "../../consensus/main.js";

const folder = process.argv[2] ?? "";
const running = await runConsensus({
  dataDir: join(folder, "data"),
  memberName: "bench",
  socketPath: join(folder, "store.sock"),
  logger: silentLogger,
  etcdApi: { host: "127.0.0.1", port: 0, unsafe: true },
});
process.once("disconnect", () => void running.stop().then(() => process.exit(0)));
process.send?.({ etcdPort: running.etcdPort });
