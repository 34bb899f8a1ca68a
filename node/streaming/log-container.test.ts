import t from "tap";
import type { ContainerState, PodStatus } from "../../api/schema/types/core-v1.gen.js";
import { chooseLogContainer, runningContainerId } from "./log-container.js";

function status(
  state: ContainerState,
  lastState: ContainerState = {},
  id = "containerd://now",
): PodStatus {
  const common = { name: "c", image: "i", imageID: "", ready: false, restartCount: 0 };
  return { containerStatuses: [{ ...common, containerID: id, state, lastState }] };
}
const ended = (containerID?: string): ContainerState => ({
  terminated: { exitCode: 1, ...(containerID === undefined ? {} : { containerID }) },
});
const waiting = (reason: string): ContainerState => ({ waiting: { reason } });

t.test("which run's log is meant, or why there is none", (t) => {
  const what = 'container "c" in pod "p"';
  const cases: readonly [string, PodStatus | undefined, boolean, string][] = [
    ["running", status({ running: {} }), false, "id now"],
    ["ended", status(ended("containerd://now")), false, "id now"],
    [
      "waits after a crash",
      status(waiting("CrashLoopBackOff"), ended("cri-o://old")),
      false,
      "id old",
    ],
    ["previous", status({ running: {} }, ended("containerd://old")), true, "id old"],
    ["no previous", status({ running: {} }), true, `previous terminated ${what} not found`],
    ["no status", undefined, false, `${what} is not available`],
    [
      "creating",
      status(waiting("ContainerCreating"), {}, ""),
      false,
      `${what} is waiting to start: ContainerCreating`,
    ],
    [
      "pull failed",
      status(waiting("ErrImagePull")),
      false,
      `${what} is waiting to start: image can't be pulled`,
    ],
    [
      "pull back-off",
      status(waiting("ImagePullBackOff")),
      false,
      `${what} is waiting to start: trying and failing to pull image`,
    ],
    ["ended without a trace", status(ended()), false, `${what} is terminated`],
    ["no state", status({}), false, `${what} is waiting to start - no logs yet`],
  ];
  for (const [name, podStatus, previous, wanted] of cases) {
    const choice = chooseLogContainer({ name: "p", status: podStatus }, "c", previous);
    t.equal(choice.type === "none" ? choice.message : `id ${choice.id}`, wanted, name);
  }
  t.equal(runningContainerId(status({ running: {} }), "c"), "now");
  t.equal(runningContainerId(status(ended("containerd://now")), "c"), null);
  t.equal(runningContainerId(status({ running: {} }), "d"), null);
  t.end();
});
