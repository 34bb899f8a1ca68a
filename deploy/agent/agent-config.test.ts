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
