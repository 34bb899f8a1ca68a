/**
 * A thread with a server of its own that plays the stories of some loops; a thread, because what
 * the test runner keeps account of in its own makes every promise dear.
 */
import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { TestServer } from "../../../apiserver/test-server.js";
import { type ControllerName, controlLoops } from "../../../controllers/control-loops.js";
import { clientAs } from "../control-plane.js";
import { testSigner } from "../test-signer.js";
import { startHollowNode } from "../hollow-node.js";
import { Interruptions } from "./interruptions.js";

/** What the test is told of one run. */
export interface RunReport {
  readonly loop: ControllerName;
  /** After which write the first leader died; 0: none did. */
  readonly diedAfter: number;
  /** Of the undisturbed run. */
  readonly writes: number;
  readonly problems: readonly string[];
}

/** Worlds at the same time. */
const WIDTH = 6;

const names = workerData as readonly ControllerName[];
const report = (run: RunReport): void => parentPort?.postMessage(run);

const server = await TestServer.start();
const admin = await clientAs(server, "test-admin", "CN=admin, O=system:masters");
const client = await clientAs(server, "test-controllers", "CN=system:kube-controller-manager");
const node = await startHollowNode(admin);
node.exitCode = ({ metadata }) => {
  const ends = metadata.labels?.["ends"];
  return ends === undefined ? null : Number(ends);
};
// A pod that is left alone stays unready once somebody said so.
node.isHealthy = ({ metadata, status }) => {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return metadata.labels?.["left"] !== "alone" || ready?.status !== "False";
};
try {
  const rootCaPem = await readFile(server.authority.caFile, "utf8");
  const loops = controlLoops({ rootCaPem, clusterCidr: "10.244.0.0/16", signer: testSigner() });
  const stories = new Interruptions({ admin, client, loops });
  const runs: (() => Promise<void>)[] = [];
  await inParallel(
    names.map((loop) => async () => {
      const { reference, problems } = await stories.undisturbed(loop);
      const { writes } = reference;
      report({ loop, diedAfter: 0, writes, problems });
      for (let diedAfter = 1; diedAfter <= writes; diedAfter += 1)
        runs.push(async () => {
          const found = await stories.interrupted(reference, diedAfter);
          report({ loop, diedAfter, writes, problems: found });
        });
    }),
  );
  await inParallel(runs);
} finally {
  await node.stop();
  admin.close();
  client.close();
  await server.close();
}

async function inParallel(all: readonly (() => Promise<void>)[]): Promise<void> {
  const left = [...all];
  const work = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await one();
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
}
