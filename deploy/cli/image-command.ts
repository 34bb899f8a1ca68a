import { createWriteStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { loadImages } from "../../node/containerd/image-loader.js";
import { connectRuntime } from "../../node/cri/runtime-service.js";
import { isNode, requireClusterState } from "../local-cluster/cluster-state.js";
import { runtimeSocketOf } from "../local-cluster/cluster-status.js";
import { layoutOf, raftsmanHome } from "../local-cluster/layout.js";
import { CommandError, type OutputFormat, printData } from "./output.js";
import { Progress } from "./progress.js";

export interface ImageOptions {
  readonly name: string;
  readonly node: readonly string[];
  readonly runtimeSocket?: string;
  readonly output: OutputFormat;
}

/** Where images are kept: the containerd of a node. */
interface ImageHost {
  readonly node: string;
  readonly socketPath: string;
}

const LIST_TIMEOUT_MS = 10_000;

/**
 * `raftsman image import FILE|-`: the images of a docker archive or an OCI layout, for the pods of
 * every node. Throws CommandError: NotRunning, Usage, Failed.
 */
export async function imageImportCommand(
  file: string,
  options: ImageOptions & { readonly as?: string },
): Promise<void> {
  const hosts = hostsOf(options);
  const progress = new Progress();
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const folder = mkdtempSync(join(tmpdir(), "raftsman-image-"));
  try {
    const { signal } = controller;
    const archive = file === "-" ? await fromStdin(folder, signal) : existing(file);
    const images: { node: string; name: string }[] = [];
    for (const { node, socketPath } of hosts)
      await progress.step(`${node}: images of ${file === "-" ? "stdin" : file}`, async () => {
        const names = await loadImages(socketPath, archive, { as: options.as ?? null, signal });
        for (const name of names) images.push({ node, name });
      });
    printData(options.output, { images }, () => [
      ["NODE", "IMAGE"],
      ...images.map(({ node, name }) => [node, name]),
    ]);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    throw new CommandError("Interrupted", "interrupted", {
      hint: "Nodes that were done keep the images; run it again for the others.",
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** `raftsman image list`: what pods find on each node. Throws CommandError: NotRunning, Usage. */
export async function imageListCommand(options: ImageOptions): Promise<void> {
  const images: { node: string; name: string; id: string; sizeBytes: number }[] = [];
  for (const { node, socketPath } of hostsOf(options)) {
    const { runtime, close } = connectRuntime(socketPath, { timeoutMs: LIST_TIMEOUT_MS });
    try {
      for (const image of await runtime.listImages(AbortSignal.timeout(LIST_TIMEOUT_MS)))
        for (const name of namesOf(image))
          images.push({ node, name, id: image.id, sizeBytes: Number(image.size) });
    } finally {
      close();
    }
  }
  images.sort((a, b) => (a.node + a.name < b.node + b.name ? -1 : 1));
  printData(options.output, { images }, () => [
    ["NODE", "IMAGE", "ID", "SIZE"],
    ...images.map((one) => [one.node, one.name, shortId(one.id), megabytes(one.sizeBytes)]),
  ]);
}

/** Those of a local cluster, or the one whose socket was named. */
function hostsOf({ name, node, runtimeSocket }: ImageOptions): readonly ImageHost[] {
  if (runtimeSocket !== undefined) {
    if (node.length > 0)
      throw new CommandError("Usage", "--node and --runtime-socket exclude each other", {
        hint: "A socket belongs to one node.",
      });
    const socketPath = resolve(runtimeSocket.replace(/^unix:\/\//, ""));
    return [{ node: "-", socketPath: existing(socketPath) }];
  }
  const layout = layoutOf(raftsmanHome(), name);
  const { hosts, runtime } = requireClusterState(layout, name);
  const agents = hosts.filter(isNode).map((host) => host.name);
  if (runtime !== "containerd")
    throw new CommandError("Failed", `the pods of the cluster ${name} are simulated`, {
      hint: "Only nodes with --runtime containerd have images.",
    });
  const unknown = node.find((one) => !agents.includes(one));
  if (unknown !== undefined)
    throw new CommandError("Usage", `the cluster ${name} has no node ${unknown}`, {
      hint: `Its nodes: ${agents.join(", ")}`,
    });
  return (node.length > 0 ? node : agents).map((one) => {
    return { node: one, socketPath: runtimeSocketOf(layout.host(one)) };
  });
}

/** The path as it is. Throws CommandError "Failed" when there is nothing. */
function existing(file: string): string {
  const path = resolve(file);
  if (existsSync(path)) return path;
  throw new CommandError("Failed", `there is no ${path}`, {
    hint: "buildah push IMAGE docker-archive:FILE writes an archive; - reads one from stdin.",
  });
}

/** Several nodes read it, and stdin can be read once. */
async function fromStdin(folder: string, signal: AbortSignal): Promise<string> {
  const path = join(folder, "stdin.tar");
  await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }), { signal });
  return path;
}

function namesOf(image: {
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
}): readonly string[] {
  if (image.repoTags.length > 0) return image.repoTags;
  return image.repoDigests.length > 0 ? image.repoDigests : ["<none>"];
}

function shortId(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
