import { existsSync } from "node:fs";
import type { ImageSource } from "../../node/containerd/image-archive.js";
import { sharedLibraries } from "./shared-libraries.js";

/** Debian's busybox, and glibc's getent, which asks names as ordinary programs do. */
export const TOOLS_IMAGE = "localhost/raftsman-test/tools:1";

/** Programs of this computer with what they need, as an image. */
export function toolsImage(): ImageSource {
  const busybox = ["/usr/bin/busybox", "/bin/busybox"].find((path) => existsSync(path)) ?? "";
  const getent = "/usr/bin/getent";
  const applets = ["sh", "sleep", "cat", "sed", "nc", "hexdump", "nslookup", "printf", "echo"];
  return {
    name: TOOLS_IMAGE,
    layers: [
      [
        { type: "directory", path: "bin" },
        { type: "directory", path: "etc" },
        { type: "directory", path: "tmp", mode: 0o1777 },
        { type: "file", path: "bin/busybox", mode: 0o755, content: { fromFile: busybox } },
        { type: "file", path: "bin/getent", mode: 0o755, content: { fromFile: getent } },
        { type: "file", path: "etc/nsswitch.conf", content: Buffer.from("hosts: files dns\n") },
        ...applets.map((applet) => ({
          type: "symlink" as const,
          path: `bin/${applet}`,
          target: "busybox",
        })),
        ...sharedLibraries(getent),
      ],
    ],
    config: { Cmd: ["sh"], Env: ["PATH=/bin"] },
  };
}
