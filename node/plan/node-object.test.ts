import t from "tap";
import type { NodeStatus } from "../../api/schema/types/core-v1.gen.js";
import { sameNodeStatus } from "./node-object.js";

const condition = (status: string, lastHeartbeatTime: string) => ({
  type: "Ready",
  status,
  reason: "KubeletReady",
  message: "kubelet is posting ready status",
  lastHeartbeatTime,
});
const status = (more: object): NodeStatus => ({ capacity: { pods: "110" }, ...more }) as NodeStatus;

t.test("what the server has already is not written again", async (t) => {
  const present = status({ conditions: [condition("True", "2026-11-29T10:00:00Z")] });
  const same = status({ conditions: [condition("True", "2026-11-29T10:00:10Z")] });
  t.ok(sameNodeStatus(same, present), "heartbeat times do not count");
  t.ok(sameNodeStatus({ ...same, images: [] }, present), "a list of nothing is not stored");
  t.ok(sameNodeStatus(same, { ...present, phase: "Running" }), "others say more");

  t.notOk(sameNodeStatus(same, undefined));
  t.notOk(sameNodeStatus({ ...same, images: [{ names: ["a:1"] }] }, present));
  t.notOk(sameNodeStatus({ ...same, images: [] }, { ...present, images: [{ names: ["a:1"] }] }));
  t.notOk(sameNodeStatus(status({ conditions: [condition("False", "")] }), present));
});
