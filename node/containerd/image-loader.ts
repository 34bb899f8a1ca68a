import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { messageOf } from "../../base/errors.js";
import { fullImageName } from "../plan/image-name.js";
import { ContainerdError } from "./containerd-error.js";
import { importImageArchive } from "./image-import.js";

const run = promisify(execFile);
/** What ctr calls an image whose archive has a tag and no name: import-2026-11-29:1. */
const MADE_UP = /^import-\d{4}-\d\d-\d\d[:@]/;
const LOADED = /^unpacking (\S+) \((sha256:[0-9a-f]{64})\)/gm;

/**
 * Loads the images of an archive (docker archive, or OCI layout as tar) into the containerd behind
 * `socketPath` under names that pods can ask for: `web:1` becomes docker.io/library/web:1. `as`
 * names the one image of an archive, instead of what the archive says. Returns the names. Throws
 * ContainerdError "ImageImportFailed", also when the archive names nothing and `as` is null.
 */
export async function loadImages(
  socketPath: string,
  archive: string,
  { as, signal }: { readonly as: string | null; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const ctr = (...args: string[]): Promise<unknown> =>
    run("ctr", ["-a", socketPath, "-n", "k8s.io", "images", ...args], { signal });
  const failed = (message: string): ContainerdError =>
    new ContainerdError("ImageImportFailed", `${archive}: ${message}`, { details: { archive } });
  const wanted = as === null ? null : fullImageName(as);
  if (as !== null && wanted === null) throw failed(`"${as}" is no name of an image`);

  let loaded = await loadOnce(socketPath, archive, { base: null, signal });
  if (loaded.length === 0) {
    const base = (wanted ?? "raftsman.invalid/unnamed").replace(/[:@][^/]*$/, "");
    loaded = await loadOnce(socketPath, archive, { base, signal });
  }
  const digests = new Set(loaded.map(({ digest }) => digest));
  const names = wanted === null ? loaded.map(({ name }) => ownName(name)) : [wanted];
  try {
    if (digests.size === 0) throw failed("it holds no image for this machine");
    if (wanted !== null && digests.size > 1)
      throw failed(`it holds ${digests.size} images, they cannot all be called ${as}`);
    if (names.includes(null))
      throw failed("it does not say what its image is called: name it with --as NAME:TAG");
    const from = loaded[0]?.name ?? "";
    for (const [i, name] of names.entries()) {
      const source = wanted === null ? (loaded[i]?.name ?? "") : from;
      if (name !== null && name !== source) await ctr("tag", "--force", source, name);
    }
  } catch (error) {
    if (signal.aborted || error instanceof ContainerdError) throw error;
    throw failed(messageOf(error));
  } finally {
    const extra = loaded.map(({ name }) => name).filter((name) => !names.includes(name));
    if (extra.length > 0 && !signal.aborted) await ctr("rm", ...extra);
  }
  return names.filter((name) => name !== null);
}

interface Loaded {
  readonly name: string;
  readonly digest: string;
}

/** `base` names what has no name: base:tag, or base@digest. */
async function loadOnce(
  socketPath: string,
  archive: string,
  { base, signal }: { readonly base: string | null; readonly signal: AbortSignal },
): Promise<readonly Loaded[]> {
  const flags = base === null ? [] : ["--base-name", base, "--digests"];
  const output = await importImageArchive(socketPath, archive, signal, flags);
  return [...output.matchAll(LOADED)].map(([, name = "", digest = ""]) => ({ name, digest }));
}

/** Null: the archive did not name it. */
function ownName(name: string): string | null {
  if (MADE_UP.test(name) || name.includes("@")) return null;
  return fullImageName(name);
}
