import type { Test } from "tap";
import type { ContainerConfig, PodSandboxConfig } from "./cri-types.js";
import type { Runtime } from "./runtime.js";

/** Where a runtime may leave logs, and an image that it has or can pull at once. */
export interface ContractSubject {
  readonly runtime: Runtime;
  readonly image: string;
  readonly logDirectory: string;
  readonly cgroupParent: string;
}

const namespaceOptions = { network: "POD", pid: "CONTAINER", ipc: "POD" } as const;
const labels = { "raftsman.test/contract": "yes" };

/**
 * What every implementation of Runtime must do: the life of a sandbox and its container, and what
 * is not there.
 */
export async function runRuntimeContract(t: Test, subject: ContractSubject): Promise<void> {
  const { runtime } = subject;
  const { signal } = new AbortController();
  const version = await runtime.version(signal);
  t.ok(version.runtimeName !== "" && version.runtimeVersion !== "", "it says who it is");
  for (const { type, status } of await runtime.status(signal)) t.ok(status, `${type} holds`);
  await checkImages(t, subject, signal);
  await checkLife(t, subject, signal);
  await checkAbsent(t, subject, signal);
}

async function checkImages(
  t: Test,
  { runtime, image }: ContractSubject,
  signal: AbortSignal,
): Promise<void> {
  const known = await runtime.imageStatus(image, signal);
  t.match(known, { id: /^sha256:/ }, "a present image has an id");
  t.equal((await runtime.imageStatus(known?.id ?? "", signal))?.id, known?.id, "found by id too");
  t.equal(await runtime.imageStatus("localhost/raftsman-test/none:1", signal), null, "or is null");
  t.ok(
    (await runtime.listImages(signal)).some(({ id }) => id === known?.id),
    "it is listed",
  );
  const folder = await runtime.imageFolder(signal);
  t.ok(folder === null || folder.startsWith("/"), "images are in a folder, or nowhere");
}

async function checkLife(t: Test, subject: ContractSubject, signal: AbortSignal): Promise<void> {
  const { runtime } = subject;
  const sandboxConfig = sandboxConfigFor(subject);
  const sandbox = await runtime.runPodSandbox({ config: sandboxConfig }, signal);
  const status = await runtime.podSandboxStatus(sandbox, signal);
  t.equal(status.state, "SANDBOX_READY", "a sandbox is ready when it was made");
  t.match(status.network?.ip, /^\d+\.\d+\.\d+\.\d+$/, "and has an address");
  t.match(status.labels, labels, "and its labels");
  const config = containerConfigFor(subject);
  const request = { podSandboxId: sandbox, config, sandboxConfig };
  const id = await runtime.createContainer(request, signal);
  t.equal((await runtime.containerStatus(id, signal)).state, "CONTAINER_CREATED", "created");
  await runtime.startContainer(id, signal);
  const running = await runtime.containerStatus(id, signal);
  t.equal(running.state, "CONTAINER_RUNNING", "started");
  t.ok(running.startedAt >= running.createdAt, "times are in order");
  t.match(running.annotations, { kept: "as given" }, "annotations come back");
  const listed = await runtime.listContainers({ labelSelector: labels }, signal);
  t.same(
    listed.map((row) => [row.id, row.podSandboxId, row.state]),
    [[id, sandbox, "CONTAINER_RUNNING"]],
    "it is listed",
  );
  t.same(await runtime.listContainers({ labelSelector: { other: "x" } }, signal), [], "by label");
  await runtime.updateContainerResources(id, { cpuShares: 200 }, signal);
  for (const usage of await runtime.containerDiskUsage(signal))
    t.ok(usage.writtenBytes >= 0, "what containers have written is known, or not measured yet");
  await runtime.stopContainer(id, 1, signal);
  const stopped = await runtime.containerStatus(id, signal);
  t.equal(stopped.state, "CONTAINER_EXITED", "stopped");
  t.ok(stopped.finishedAt >= stopped.startedAt, "it ended after it started");
  await runtime.stopPodSandbox(sandbox, signal);
  const after = await runtime.podSandboxStatus(sandbox, signal);
  t.equal(after.state, "SANDBOX_NOTREADY", "a stopped sandbox is not ready");
  await runtime.removeContainer(id, signal);
  await runtime.removePodSandbox(sandbox, signal);
  t.same(await runtime.listPodSandboxes({ labelSelector: labels }, signal), [], "nothing is left");
}

async function checkAbsent(
  t: Test,
  { runtime }: ContractSubject,
  signal: AbortSignal,
): Promise<void> {
  const notFound = { code: "NotFound" };
  await runtime.stopPodSandbox("none", signal);
  await runtime.removePodSandbox("none", signal);
  await runtime.stopContainer("none", 0, signal);
  await runtime.removeContainer("none", signal);
  t.ok(true, "stopping and removing what is not there succeeds");
  await t.rejects(runtime.containerStatus("none", signal), notFound, "asking for it does not");
  await t.rejects(runtime.podSandboxStatus("none", signal), notFound, "nor for a sandbox");
  const shares = { cpuShares: 200 };
  await t.rejects(
    runtime.updateContainerResources("none", shares, signal),
    notFound,
    "or changing",
  );
  await t.rejects(runtime.startContainer("none", signal), notFound, "nor starting it");
}

/** A small sandbox. */
export function sandboxConfigFor(subject: ContractSubject): PodSandboxConfig {
  return {
    metadata: { name: "contract", uid: "contract-uid", namespace: "default", attempt: 0 },
    hostname: "contract",
    logDirectory: subject.logDirectory,
    portMappings: [],
    labels,
    annotations: {},
    linux: { cgroupParent: subject.cgroupParent, securityContext: { namespaceOptions } },
  };
}

/** A container that runs until it is stopped. */
export function containerConfigFor(subject: ContractSubject): ContainerConfig {
  return {
    metadata: { name: "main", attempt: 0 },
    image: { image: subject.image },
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
    args: [],
    workingDir: "",
    envs: [],
    mounts: [],
    labels,
    annotations: { kept: "as given" },
    logPath: "main/0.log",
    stdin: false,
    stdinOnce: false,
    tty: false,
    linux: { resources: {}, securityContext: { namespaceOptions } },
  };
}
