import t from "tap";
import type { CgroupStats } from "./cgroup-stats.js";
import { parseNetDev } from "./net-dev.js";
import { type ContainerSample, type NodeSample, usageBetween } from "./node-sample.js";

function stats(cpuUsageNs: number, memoryWorkingSetBytes: number): CgroupStats {
  return { cpuUsageNs, memoryWorkingSetBytes } as CgroupStats;
}
function container(id: string, readMs: number, used: CgroupStats): ContainerSample {
  const what = {
    name: "main",
    image: "i",
    restartCount: 0,
    startedAtMs: 0,
    logBytes: 0,
    layerBytes: null,
  };
  return { ...what, id, readMs, stats: used };
}
function sample(readMs: number, used: CgroupStats, containers: ContainerSample[]): NodeSample {
  const fileSystem = {
    capacityBytes: 0,
    availableBytes: 0,
    usedBytes: 0,
    inodes: 0,
    inodesFree: 0,
  };
  const pod = { namespace: "default", name: "web", uid: "u", startedAtMs: 0, network: [] };
  return {
    atMs: 1e12 + readMs,
    readMs,
    simulated: false,
    stats: used,
    network: [],
    fileSystem,
    pods: [{ ...pod, containers, claims: [] }],
  };
}

t.test("CPU is the average between two moments, memory is that of the second", (t) => {
  const before = sample(1000, stats(1e9, 5), [container("a", 900, stats(2e9, 7))]);
  const now = sample(11_000, stats(21e9, 50), [
    container("a", 10_900.5, stats(7e9, 70)),
    container("new", 10_901, stats(9e9, 9)),
  ]);
  t.same(usageBetween(before, now), {
    atMs: 1e12 + 11_000,
    windowMs: 10_000,
    simulated: false,
    cpuNanoCores: 2e9,
    memoryBytes: 50,
    pods: [
      {
        namespace: "default",
        name: "web",
        uid: "u",
        containers: [
          // Each container by its own clock: 5 s of CPU in 10.0005 s.
          { name: "main", cpuNanoCores: 499_975_001, memoryBytes: 70 },
        ],
      },
    ],
  });
  t.equal(usageBetween(now, now), null, "no time went by");
  const reset = sample(21_000, stats(30e9, 1), [container("a", 20_900, stats(1e9, 1))]);
  t.same(usageBetween(now, reset)?.pods[0]?.containers, [], "a counter that began anew");
  t.end();
});

t.test("interfaces", (t) => {
  const text = `Inter-|   Receive              |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo
    lo: 16468982852 1839856 0 0 0 0 0 0 16468982852 1839856 0 0 0 0 0 0
  eth0: 52428800   400    1    2    0     0    0    0 1000       20    3    4    0     0
vethab1:       9     9    0    0    0     0    0    0        9       9    0    0    0     0
`;
  t.same(parseNetDev(text), [
    {
      name: "eth0",
      receivedBytes: 52_428_800,
      receivedPackets: 400,
      receiveErrors: 1,
      receiveDropped: 2,
      sentBytes: 1000,
      sentPackets: 20,
      sendErrors: 3,
      sendDropped: 4,
    },
  ]);
  const many = Array.from({ length: 40 }, (_, i) => `eth${i}: 1 1 0 0 0 0 0 0 1 1 0 0`).join("\n");
  t.equal(parseNetDev(many).length, 16, "their number is bounded");
  t.same(parseNetDev("nothing of this kind"), []);
  t.end();
});
