import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { realClock } from "../../api/streaming/test-clock.js";
import { silentLogger } from "../../base/logger.js";
import { connectStore } from "../../consensus/consensus.js";
import { runConsensus } from "../../consensus/main.js";
import { TestServer } from "../../apiserver/test-server.js";

const CM = "/api/v1/namespaces/default/configmaps";

void t.test("clients carry on when the store is started again", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "raftsman-restart-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const options = {
    dataDir: join(dir, "data"),
    memberName: "one",
    socketPath: join(dir, "store.sock"),
    logger: silentLogger,
    unsafeNoFsync: true,
  };
  let consensus = await runConsensus(options);
  t.teardown(() => consensus.stop());
  const store = await connectStore({ socketPath: options.socketPath, clock: realClock });
  const server = await TestServer.start(store);
  t.teardown(() => server.close());
  const configMap = (name: string): object => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
  });
  t.equal((await server.send("POST", CM, { body: configMap("before") })).status, 201);
  const watch = await server.open(`${CM}?watch=1&resourceVersion=0`);
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "before" } } });
  await consensus.stop();
  consensus = await runConsensus(options);
  let status = 0;
  // A request in between may be refused: the client asks again.
  for (let attempt = 0; attempt < 50 && status !== 201; attempt += 1) {
    ({ status } = await server.send("POST", CM, { body: configMap("after") }));
  }
  t.equal(status, 201);
  t.match(await watch.next(), { type: "ADDED", object: { metadata: { name: "after" } } });
  t.equal((await server.send("GET", `${CM}/after`)).status, 200);
  watch.close();
});
