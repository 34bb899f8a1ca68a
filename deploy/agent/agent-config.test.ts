import t from "tap";
import { parseAgentConfig } from "./agent-config.js";

const base = {
  name: "n1",
  servers: ["https://10.0.0.1:6443"],
  dataDir: "/data",
  nodeAddress: "10.0.0.2",
};

void t.test("how many pods a node takes", (t) => {
  t.equal(parseAgentConfig(base).maxPods, 110, "the kubelet's default");
  t.equal(parseAgentConfig({ ...base, maxPods: 250 }).maxPods, 250);
  t.equal(parseAgentConfig({ ...base, maxPods: "40" }).maxPods, 40, "as a flag has it");
  for (const maxPods of [-1, 1.5, "", "many", "1e3", true])
    t.throws(() => parseAgentConfig({ ...base, maxPods }), { code: "Usage", message: /maxPods/ });
  t.end();
});

void t.test("what is not for pods", (t) => {
  const reservedBy = (more: object): unknown => parseAgentConfig({ ...base, ...more }).reserved;
  t.same(reservedBy({}), { cpuMilli: 0, memoryBytes: 0, ephemeralStorageBytes: 0 });
  const kubeReserved = { cpu: "0.1", memory: "256Mi", "ephemeral-storage": "1Gi" };
  t.same(reservedBy({ kubeReserved, systemReserved: "cpu=200m,memory=1Gi" }), {
    cpuMilli: 300,
    memoryBytes: 1280 * 2 ** 20,
    ephemeralStorageBytes: 2 ** 30,
  });
  for (const [wrong, message] of [
    ["cpu", /not of the form cpu=/],
    [{ cpu: 1 }, /object of texts/],
    ["pid=1000", /kubeReserved: "pid" is none of cpu, memory/],
    ["memory=much", /memory=much: an amount such as 1Gi/],
    ["cpu=-1", /cpu=-1: an amount such as 100m/],
  ] as const)
    t.throws(() => reservedBy({ kubeReserved: wrong }), { code: "Usage", message });
  t.end();
});
