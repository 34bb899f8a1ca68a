import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { silentLogger } from "../../base/logger.js";
import { connectRuntime } from "../cri/runtime-service.js";
import { ContainerdInstance } from "./containerd-instance.js";
import { PAUSE_IMAGE } from "./image-import.js";
import { BUSYBOX_IMAGE, startTestContainerd } from "./test-containerd.js";

const run = promisify(execFile);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Resolves once the registry answers. */
async function startRegistry(dir: string, port: number): Promise<ChildProcess> {
  const config = join(dir, "registry.yml");
  await writeFile(
    config,
    `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${dir}/registry\nhttp:\n  addr: 127.0.0.1:${port}\n`,
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/`).catch(() => null);
    if (answer?.ok === true) return child;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the registry does not answer");
}

const skip = process.getuid?.() !== 0 && "needs root";

void t.test("docker.io is pulled from its mirror", { skip }, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "rmt-mirror-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const port = await freePort();
  const registry = await startRegistry(dir, port);
  t.teardown(() => registry.kill());
  const source = await startTestContainerd();
  t.teardown(() => source.destroy());
  const pushed = `127.0.0.1:${port}/library/nginx:1.7.9`;
  const ctr = (...args: readonly string[]) =>
    run("ctr", ["-a", source.socketPath, "-n", "k8s.io", "images", ...args]);
  await ctr("tag", BUSYBOX_IMAGE, pushed);
  await ctr("push", "--plain-http", pushed);

  await mkdir(join(dir, "cni"));
  const instance = new ContainerdInstance(
    {
      dataDir: join(dir, "data"),
      runDir: join(dir, "run"),
      sandboxImage: PAUSE_IMAGE,
      cniConfDir: join(dir, "cni"),
      registryMirrors: { "docker.io": `http://127.0.0.1:${port}` },
    },
    { logger: silentLogger },
  );
  const { signal } = new AbortController();
  t.teardown(() => instance.shutdown());
  await instance.start(signal);
  const { runtime, close } = connectRuntime(instance.socketPath);
  t.teardown(close);
  const sandboxConfig = {
    metadata: { name: "p", uid: "u", namespace: "default", attempt: 0 },
    hostname: "p",
    logDirectory: "",
    portMappings: [],
    labels: {},
    annotations: {},
    linux: {
      cgroupParent: "",
      securityContext: {
        namespaceOptions: { network: "POD", pid: "CONTAINER", ipc: "POD" } as const,
      },
    },
  };
  const id = await runtime.pullImage({ image: "nginx:1.7.9", auth: null, sandboxConfig }, signal);
  const image = await runtime.imageStatus("nginx:1.7.9", signal);
  t.equal(image?.id, id);
  t.same(image?.repoTags, ["docker.io/library/nginx:1.7.9"]);
  const missing = runtime.pullImage({ image: "nginx:none", auth: null, sandboxConfig }, signal);
  await t.rejects(missing, /docker.io\/library\/nginx:none/);
});
