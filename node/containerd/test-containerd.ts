import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { silentLogger } from "../../base/logger.js";
import { connectRuntime, type RuntimeService } from "../cri/runtime-service.js";
import { ContainerdInstance } from "./containerd-instance.js";
import { writeImageArchive } from "./image-archive.js";
import { ensurePauseImage, importImageArchive, PAUSE_IMAGE } from "./image-import.js";

const run = promisify(execFile);

/** The image that tests run: busybox with all its commands, and a shell as its entrypoint. */
export const BUSYBOX_IMAGE = "localhost/raftsman-test/busybox:1";

/** A containerd of a test's own, with a bridge and addresses of its own. */
export interface TestContainerd {
  readonly dir: string;
  readonly dataDir: string;
  readonly runDir: string;
  readonly bridge: string;
  readonly socketPath: string;
  readonly cniConfDir: string;
  readonly runtime: RuntimeService;
  readonly instance: ContainerdInstance;
  /** Removes pods, containerd, bridge and folder. */
  destroy(): Promise<void>;
}

/** Starts containerd in a new folder with the pause and busybox images. Needs root on Linux. */
export async function startTestContainerd(): Promise<TestContainerd> {
  const dir = await mkdtemp(join(tmpdir(), "rmt-"));
  const [dataDir, runDir] = [join(dir, "data"), join(dir, "run")];
  const cniConfDir = join(dir, "cni");
  const tag = randomBytes(3);
  const bridge = `rmt-${tag.toString("hex")}`;
  await mkdir(cniConfDir, { recursive: true });
  await writeFile(join(cniConfDir, "10-test.conflist"), cniConfig({ bridge, dir, tag }));
  const instance = new ContainerdInstance(
    { dataDir, runDir, sandboxImage: PAUSE_IMAGE, cniConfDir },
    { logger: silentLogger },
  );
  const { signal } = new AbortController();
  const connection = connectRuntime(instance.socketPath);
  const destroy = async (): Promise<void> => {
    for (const sandbox of await connection.runtime.listPodSandboxes({}, signal).catch(() => [])) {
      await connection.runtime.stopPodSandbox(sandbox.id, signal);
      await connection.runtime.removePodSandbox(sandbox.id, signal);
    }
    connection.close();
    await instance.shutdown();
    await run("ip", ["link", "del", bridge]).catch(() => {});
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await instance.start(signal);
    await ensurePauseImage(instance.socketPath, { signal });
    await importBusybox(instance.socketPath, dir);
  } catch (error) {
    await destroy();
    throw error;
  }
  const { runtime } = connection;
  const { socketPath } = instance;
  return { dir, dataDir, runDir, bridge, socketPath, cniConfDir, runtime, instance, destroy };
}

/** Writes and imports the busybox image. */
async function importBusybox(socketPath: string, dir: string): Promise<void> {
  const { stdout } = await run("/usr/bin/busybox", ["--list"]);
  const archive = join(dir, "busybox.tar");
  await writeImageArchive(archive, {
    name: BUSYBOX_IMAGE,
    layers: [
      [
        { type: "directory", path: "bin" },
        { type: "directory", path: "etc" },
        { type: "directory", path: "tmp", mode: 0o1777 },
        {
          type: "file",
          path: "bin/busybox",
          mode: 0o755,
          content: { fromFile: "/usr/bin/busybox" },
        },
        { type: "file", path: "etc/passwd", content: Buffer.from("root:x:0:0:root:/:/bin/sh\n") },
        ...stdout
          .trim()
          .split("\n")
          .filter((name) => name !== "busybox")
          .map((name) => ({
            type: "symlink" as const,
            path: `bin/${name}`,
            target: "busybox",
          })),
      ],
    ],
    config: {
      Entrypoint: ["/bin/sh"],
      Cmd: ["-c", "echo image default"],
      Env: ["PATH=/bin", "FROM_IMAGE=yes"],
      WorkingDir: "/tmp",
    },
  });
  await importImageArchive(socketPath, archive, new AbortController().signal);
  await rm(archive);
}

function cniConfig(options: { bridge: string; dir: string; tag: Buffer }): string {
  const { bridge, dir, tag } = options;
  return JSON.stringify({
    cniVersion: "0.4.0",
    name: bridge,
    plugins: [
      {
        type: "bridge",
        bridge,
        isGateway: true,
        ipMasq: false,
        ipam: {
          type: "host-local",
          dataDir: join(dir, "ipam"),
          ranges: [[{ subnet: `10.${200 + ((tag[0] ?? 0) % 40)}.${tag[1] ?? 0}.0/24` }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
      { type: "portmap", capabilities: { portMappings: true }, snat: true },
    ],
  });
}
