import { execFileSync } from "node:child_process";
import { realpathSync } from "node:fs";
import type { ArchiveEntry } from "../../node/containerd/image-archive.js";

/** The libraries that ldd names, at the paths the program looks for them. */
export function sharedLibraries(program: string): ArchiveEntry[] {
  const listing = execFileSync("ldd", [program]).toString();
  const paths = [...listing.matchAll(/(\/\S+\.so\S*)/g)].map((match) => match[1] ?? "");
  const entries = new Map<string, ArchiveEntry>();
  for (const path of new Set(paths)) {
    const parts = path.slice(1).split("/").slice(0, -1);
    parts.forEach((_, index) => {
      const folder = parts.slice(0, index + 1).join("/");
      entries.set(folder, { type: "directory", path: folder });
    });
    entries.set(path, {
      type: "file",
      path: path.slice(1),
      mode: 0o755,
      content: { fromFile: realpathSync(path) },
    });
  }
  return [...entries.values()];
}
