import { execFileSync } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { writeImageArchive } from "../../node/containerd/image-archive.js";
import { importImageArchive } from "../../node/containerd/image-import.js";
import { hosts } from "./features/hosts.js";
import { workloads } from "./features/workloads.js";
import { machineState } from "./machine-state.js";
import { TestCluster } from "./test-cluster.js";
import { toolsImage } from "./tools-image.js";

/** One cluster whose hosts are network namespaces on a bridge, used by every feature in turn. */

t.setTimeout(900_000);

const cluster = new TestCluster("hosts");
const before = machineState(cluster.name);
t.teardown(() => cluster.destroy());
const upArgs = ["up", "--servers", "1", "--nodes", "2"];

await t.test("up: every host is a namespace with an address of its own", async (t) => {
  const { code, stderr } = await cluster.raftsman(upArgs);
  t.equal(code, 0, stderr);
  t.match(stderr, /<h1>It floats\.<\/h1>/);
  const { hosts } = await cluster.status();
  t.same(
    hosts.map(({ name, netns, ready }) => ({ name, netns, ready })),
    ["server-1", "node-1", "node-2"].map((name) => ({
      name,
      netns: `raftsman-${cluster.name}-${name}`,
      ready: true,
    })),
  );
  t.equal(new Set(hosts.map(({ address }) => address)).size, hosts.length);
});

await t.test("up again changes nothing; another shape is refused", async (t) => {
  const again = await cluster.raftsman(upArgs);
  t.match(again, { code: 0, stderr: /server-1 \(was running\)[^]*node-2 \(was running\)/ });
  t.equal((await cluster.raftsman(["up", "--servers", "1", "--nodes", "1"])).code, 4);
});

await t.test("namespaces of others come and go beside those of the hosts", async () => {
  // Where the folder is no mount yet, `ip` makes it one over what is there.
  for (const verb of ["add", "delete"]) execFileSync("ip", ["netns", verb, "others"]);
});

await t.test("tools for the pods of the tests", async () => {
  const archive = join(cluster.home, "tools.tar");
  await writeImageArchive(archive, toolsImage());
  const { signal } = new AbortController();
  for (const { runtimeSocket } of (await cluster.status()).hosts)
    if (runtimeSocket !== null) await importImageArchive(runtimeSocket, archive, signal);
});

await t.test("pods, Services and hosts", (t) => hosts(t, cluster));

await t.test("the examples everybody learns from", (t) => workloads(t, cluster));

await t.test("down --dry-run lists what down removes; nothing is left", async (t) => {
  const dry = JSON.parse(await cluster.ok(["down", "--dry-run", "-o", "json"])) as Record<
    string,
    readonly unknown[]
  >;
  t.match(dry, {
    namespaces: ["server-1", "node-1", "node-2"].map((name) => `raftsman-${cluster.name}-${name}`),
    nftTables: [`raftsman_${cluster.name.replaceAll("-", "_")}_hosts`],
    routes: ["10.96.0.0/16", "10.244.0.0/16"],
  });
  t.equal(dry["links"]?.length, 4, "the bridge and a link for each host");
  const { code, stderr } = await cluster.raftsman(["down"]);
  t.equal(code, 0, stderr);
  const { processes, ...rest } = machineState(cluster.name);
  const { processes: had, ...restBefore } = before;
  t.same(rest, restBefore);
  t.same(
    processes.filter((line) => !had.includes(line)),
    [],
    "no process is left",
  );
});
