import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { CommandError } from "../cli/output.js";
import { writeImageArchive, type ArchiveEntry } from "../../node/containerd/image-archive.js";

/** The image of the examples: Debian's static busybox with a link for each of its programs. */
export const BUSYBOX_IMAGE = "localhost/raftsman/busybox:1";

/**
 * Writes the image as an archive at `path`, unless it is there. Nothing is fetched: the program is
 * this computer's own. Throws CommandError when busybox is missing.
 */
export async function ensureBusyboxArchive(path: string): Promise<void> {
  if (existsSync(path)) return;
  const binary = ["/usr/bin/busybox", "/bin/busybox"].find((candidate) => existsSync(candidate));
  if (binary === undefined)
    throw new CommandError("Failed", "busybox is not installed", {
      hint: "Install it: apt-get install busybox-static",
    });
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.new`;
  try {
    await writeImageArchive(unfinished, {
      name: BUSYBOX_IMAGE,
      layers: [busyboxLayer(binary)],
      config: { Cmd: ["sh"], Env: ["PATH=/bin"], WorkingDir: "/" },
    });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function busyboxLayer(binary: string): ArchiveEntry[] {
  const applets = execFileSync(binary, ["--list"]).toString().split("\n");
  const directories = ["bin", "etc", "root", "tmp", "var", "www"].map(
    (path): ArchiveEntry => ({
      type: "directory",
      path,
      mode: path === "tmp" ? 0o1777 : 0o755,
    }),
  );
  const accounts = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";
  return [
    ...directories,
    { type: "file", path: "bin/busybox", mode: 0o755, content: { fromFile: binary } },
    { type: "file", path: "etc/passwd", content: Buffer.from(accounts) },
    { type: "file", path: "etc/group", content: Buffer.from("root:x:0:\nnogroup:x:65534:\n") },
    ...applets
      .filter((applet) => /^[^/]+$/.test(applet) && applet !== "busybox")
      .map(
        (applet): ArchiveEntry => ({
          type: "symlink",
          path: `bin/${applet}`,
          target: "busybox",
        }),
      ),
  ];
}
