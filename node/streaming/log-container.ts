import type { ContainerStatus, PodStatus } from "../../api/schema/types/core-v1.gen.js";

/** Which container's log to show, or why there is none, in the words users know from kubelets. */
export type LogContainer =
  | { readonly type: "container"; readonly id: string }
  | { readonly type: "none"; readonly message: string };

/**
 * Chooses the run of a container whose log is meant: the current one, or with `previous` the one
 * before it.
 */
export function chooseLogContainer(
  pod: { readonly name: string; readonly status: PodStatus | undefined },
  containerName: string,
  previous: boolean,
): LogContainer {
  const what = `container "${containerName}" in pod "${pod.name}"`;
  const none = (message: string): LogContainer => ({ type: "none", message });
  const status = statusOf(pod.status, containerName);
  if (status === undefined) return none(`${what} is not available`);
  const last = status.lastState?.terminated;
  if (previous) return idOf(last?.containerID) ?? none(`previous terminated ${what} not found`);
  const { running, terminated, waiting } = status.state ?? {};
  if (running !== undefined) return idOf(status.containerID) ?? none(`${what} is not available`);
  if (terminated !== undefined)
    return idOf(terminated.containerID) ?? idOf(last?.containerID) ?? none(`${what} is terminated`);
  if (last !== undefined) return idOf(last.containerID) ?? none(`${what} is terminated`);
  if (waiting === undefined) return none(`${what} is waiting to start - no logs yet`);
  return none(`${what} is waiting to start: ${waitingText(waiting.reason ?? "")}`);
}

/**
 * The id of the running container of this name, without its runtime's scheme; null when it does not
 * run.
 */
export function runningContainerId(
  status: PodStatus | undefined,
  containerName: string,
): string | null {
  const found = statusOf(status, containerName);
  if (found?.state?.running === undefined) return null;
  const choice = idOf(found.containerID);
  return choice?.type === "container" ? choice.id : null;
}

function statusOf(status: PodStatus | undefined, name: string): ContainerStatus | undefined {
  const all = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ];
  return all.find((candidate) => candidate.name === name);
}

function waitingText(reason: string): string {
  if (reason === "ErrImagePull") return "image can't be pulled";
  if (reason === "ImagePullBackOff") return "trying and failing to pull image";
  return reason;
}

/** `containerd://abc` names container abc. Null for an empty id. */
function idOf(containerId: string | undefined): LogContainer | null {
  if (containerId === undefined || containerId === "") return null;
  const scheme = containerId.indexOf("://");
  return { type: "container", id: scheme < 0 ? containerId : containerId.slice(scheme + 3) };
}
