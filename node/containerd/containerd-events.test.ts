import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { LinuxPodCgroups } from "../pod-cgroups.js";
import { watchContainerdExits } from "./containerd-events.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "./test-containerd.js";

const namespaceOptions = { network: "POD", pid: "CONTAINER", ipc: "POD" } as const;

void t.test("ends of containers", { skip: process.getuid?.() !== 0 && "needs root" }, async (t) => {
  const host = await startTestContainerd();
  const cgroups = new LinuxPodCgroups(`/${host.bridge}`);
  const ending = new AbortController();
  t.teardown(async () => {
    ending.abort();
    await host.destroy();
    await cgroups.removeAll();
  });
  const { runtime, socketPath } = host;
  const { signal } = ending;
  const logDirectory = join(host.dir, "logs");
  await mkdir(logDirectory);
  const sandboxConfig = {
    metadata: { name: "p", uid: "u", namespace: "n", attempt: 0 },
    hostname: "p",
    logDirectory,
    portMappings: [],
    labels: {},
    annotations: {},
    linux: { cgroupParent: `/${host.bridge}`, securityContext: { namespaceOptions } },
  };
  const podSandboxId = await runtime.runPodSandbox({ config: sandboxConfig }, signal);
  const config = {
    metadata: { name: "main", attempt: 0 },
    image: { image: BUSYBOX_IMAGE },
    command: ["sleep"],
    args: ["1000"],
    workingDir: "",
    envs: [],
    mounts: [],
    labels: {},
    annotations: {},
    logPath: "main.log",
    stdin: false,
    stdinOnce: false,
    tty: false,
    linux: { resources: {}, securityContext: { namespaceOptions } },
  };
  const id = await runtime.createContainer({ podSandboxId, config, sandboxConfig }, signal);
  await runtime.startContainer(id, signal);
  let exits = 0;
  let told = (): void => {};
  const watching = watchContainerdExits(
    socketPath,
    () => {
      exits += 1;
      told();
    },
    signal,
  );
  for (let tries = 0; tries < 5; tries += 1)
    await runtime.execSync(id, ["true"], { timeoutMs: 5000, signal });
  const ended = new Promise<void>((resolve) => (told = resolve));
  await runtime.stopContainer(id, 0, signal);
  await ended;
  // Events come in order: had the commands counted, they would have been told before.
  t.equal(exits, 1, "commands run in a container, such as probes, are none");
  ending.abort();
  await watching;
});
