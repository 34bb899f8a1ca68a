import { existsSync } from "node:fs";
import type { ArchiveEntry, ImageSource } from "../../node/containerd/image-archive.js";
import { sharedLibraries } from "./shared-libraries.js";

const CONFIG = `
daemon off;
user root;
pid /run/nginx.pid;
error_log /dev/stderr;
events {}
http {
  access_log /dev/stdout;
  server { listen 80; location / { return 200 "welcome to nginx on $hostname\\n"; } }
}
`;

/**
 * Debian's nginx with the libraries it needs, as an image that runs as nginx:1.7.9 does: no
 * command, port 80.
 */
export function nginxImage(name: string): ImageSource {
  const program = ["/usr/sbin/nginx", "/usr/bin/nginx"].find((path) => existsSync(path));
  if (program === undefined) throw new Error("nginx is not installed: apt-get install nginx-light");
  const folders = ["run", "etc", "etc/nginx", "usr", "usr/sbin", "var", "var/lib", "var/lib/nginx"];
  const entries: ArchiveEntry[] = [
    ...folders.map((path): ArchiveEntry => ({ type: "directory", path })),
    { type: "file", path: "usr/sbin/nginx", mode: 0o755, content: { fromFile: program } },
    { type: "file", path: "etc/nginx/nginx.conf", content: Buffer.from(CONFIG) },
    { type: "file", path: "etc/passwd", content: Buffer.from("root:x:0:0::/:/bin/sh\n") },
    { type: "file", path: "etc/group", content: Buffer.from("root:x:0:\n") },
    ...sharedLibraries(program),
  ];
  return {
    name,
    layers: [entries],
    config: {
      Entrypoint: ["/usr/sbin/nginx"],
      Cmd: ["-e", "/dev/stderr", "-c", "/etc/nginx/nginx.conf"],
      ExposedPorts: { "80/tcp": {} },
    },
  };
}
