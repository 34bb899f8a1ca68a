import { existsSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { ImageSource } from "../../node/containerd/image-archive.js";
import { sharedLibraries } from "./shared-libraries.js";

/** Debian's busybox and git, and a WAR file, for the documentation's examples. */
export const EXAMPLE_IMAGE = "localhost/raftsman-test/examples:1";

/** Programs of this computer with what they need, as an image. */
export function exampleImage(): ImageSource {
  const busybox = ["/usr/bin/busybox", "/bin/busybox"].find((path) => existsSync(path)) ?? "";
  const git = "/usr/bin/git";
  const applets = ["sh", "sleep", "cat", "cp", "ln", "mkdir", "sed", "unzip", "httpd", "wget"];
  const links = [...applets, "syslogd", "logger", "touch", "mv"].map((applet) => ({
    type: "symlink" as const,
    path: `bin/${applet}`,
    target: "busybox",
  }));
  return {
    name: EXAMPLE_IMAGE,
    layers: [
      [
        ...["bin", "root", "usr", "usr/bin"].map((path) => ({ type: "directory" as const, path })),
        { type: "directory", path: "tmp", mode: 0o1777 },
        { type: "file", path: "bin/busybox", mode: 0o755, content: { fromFile: busybox } },
        ...links,
        { type: "file", path: "usr/bin/git", mode: 0o755, content: { fromFile: git } },
        // By this name it is asked for what it has.
        { type: "symlink", path: "usr/bin/git-upload-pack", target: "git" },
        { type: "file", path: "sample.war", content: zipOf("index.html", "sample:v2\n") },
        ...sharedLibraries(git),
      ],
    ],
    config: { Cmd: ["sh"], Env: ["PATH=/bin:/usr/bin", "HOME=/root"] },
  };
}

/** A ZIP archive of one file, as it is (APPNOTE 4.3). */
function zipOf(name: string, text: string): Buffer {
  const [path, content] = [Buffer.from(name), Buffer.from(text)];
  const about = Buffer.alloc(26);
  about.writeUInt16LE(10, 0); // The version of ZIP that it takes; flags, method, time stay 0.
  about.writeUInt16LE(0x21, 8); // The first day of 1980.
  about.writeUInt32LE(crc32(content), 10);
  about.writeUInt32LE(content.length, 14);
  about.writeUInt32LE(content.length, 18);
  about.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), about, path, content]);
  const central = Buffer.concat([
    Buffer.from("PK\x01\x02\x0a\x00"),
    about,
    Buffer.alloc(14), // No comment; the file begins at 0.
    path,
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}
