import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { silentLogger } from "../../base/logger.js";
import { NetnsFixture, type TestNamespace } from "./netns-fixture.js";
import { CONFLIST_FILE } from "./network-plan.js";
import { ensurePodNetwork, type PodNetworkOptions, teardownPodNetwork } from "./pod-network.js";

const PLUGINS = "/usr/lib/cni";

interface Plugin {
  readonly type: string;
}

/** Calls the configured plugins one after another, as libcni does. */
async function cni(
  host: TestNamespace,
  { confDir, command, pod }: { confDir: string; command: "ADD" | "DEL"; pod: TestNamespace },
): Promise<{ ips?: readonly { address: string; gateway?: string }[] }> {
  const conflist = JSON.parse(await readFile(join(confDir, CONFLIST_FILE), "utf8")) as {
    cniVersion: string;
    name: string;
    plugins: readonly Plugin[];
  };
  const { cniVersion, name } = conflist;
  const plugins = command === "ADD" ? conflist.plugins : [...conflist.plugins].reverse();
  let prevResult: object | undefined;
  for (const plugin of plugins) {
    const environment = [
      `CNI_COMMAND=${command}`,
      `CNI_CONTAINERID=${pod.name}`,
      `CNI_NETNS=/var/run/netns/${pod.name}`,
      "CNI_IFNAME=eth0",
      `CNI_PATH=${PLUGINS}`,
    ];
    const input = JSON.stringify({ ...plugin, cniVersion, name, prevResult });
    const output = await host.run("env", [...environment, join(PLUGINS, plugin.type)], { input });
    if (output !== "") prevResult = JSON.parse(output) as object;
  }
  return prevResult ?? {};
}

t.test("the pod network of a host", { skip: NetnsFixture.unavailable }, async (t) => {
  const fixture = new NetnsFixture();
  const folder = await mkdtemp(join(tmpdir(), "rmt-cni-"));
  t.teardown(async () => {
    await fixture.cleanUp();
    await rm(folder, { recursive: true });
  });
  const outside = await fixture.add("outside");
  const host = await fixture.add("host");
  await fixture.join(outside, host, "uplink");
  await outside.run("ip", ["addr", "add", "192.168.77.2/24", "dev", "eth0"]);
  await host.run("ip", ["addr", "add", "192.168.77.1/24", "dev", "uplink"]);
  const sysctl = async (name: string): Promise<string> =>
    (await host.run("cat", [`/proc/sys/net/ipv4/${name}`])).trim();
  // A new namespace inherits what the machine has.
  for (const name of ["ip_forward", "conf/all/route_localnet"])
    await host.run("tee", [`/proc/sys/net/ipv4/${name}`], { input: "0" });
  const options: PodNetworkOptions = {
    networkName: "raftsman-test-node-1",
    podCidr: "10.244.1.0/24",
    clusterCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    nodeAddress: "192.168.77.1",
    confDir: join(folder, "conf"),
    dataDir: folder,
    logger: silentLogger,
    run: host.run,
  };
  const rulesetOf = async (): Promise<string> => host.run("nft", ["list", "ruleset"]);
  // As iptables-nft leaves it on a host with Docker.
  await host.run("nft", ["-f", "-"], {
    input:
      "table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; }; }",
  });
  const before = await rulesetOf();

  await ensurePodNetwork(options);
  await ensurePodNetwork(options);
  const pods = [await fixture.add("a"), await fixture.add("b")];
  const addresses: string[] = [];
  for (const pod of pods) {
    const result = await cni(host, { confDir: options.confDir, command: "ADD", pod });
    addresses.push(result.ips?.[0]?.address.split("/")[0] ?? "");
  }
  t.same(addresses, ["10.244.1.2", "10.244.1.3"]);
  const [a, b] = pods as [TestNamespace, TestNamespace];
  const ping = (from: TestNamespace, to: string): Promise<string> =>
    from.run("busybox", ["ping", "-c", "1", "-W", "2", to]);

  await t.test("pods reach each other, the host and the outside", async (t) => {
    await t.resolves(ping(a, "10.244.1.3"));
    await t.resolves(ping(b, "192.168.77.1"), "the host");
    await t.resolves(ping(host, "10.244.1.2"), "from the host");
    await t.resolves(ping(a, "192.168.77.2"), "outside, masqueraded: it has no route back");
    t.equal(await sysctl("ip_forward"), "1");
    const [route] = JSON.parse(await host.run("ip", ["-j", "route", "get", "10.96.0.1"])) as {
      dev: string;
    }[];
    t.equal(route?.dev, "lo", "connect() to a Service finds a route");
  });

  await t.test("a pod's end leaves nothing, and down leaves nothing", async (t) => {
    for (const pod of pods) await cni(host, { confDir: options.confDir, command: "DEL", pod });
    t.notMatch(await host.run("ip", ["-o", "link"]), /veth/);
    await teardownPodNetwork(options);
    t.equal(await rulesetOf(), before);
    t.equal(await sysctl("ip_forward"), "0");
    t.equal(await sysctl("conf/all/route_localnet"), "0");
    t.equal((await host.run("ip", ["route", "show", "proto", "201"])).trim(), "");
    await teardownPodNetwork(options);
  });
});
