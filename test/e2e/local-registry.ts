import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeImageArchive, type ImageSource } from "../../node/containerd/image-archive.js";
import { until } from "./until.js";

/** Who may read and write. */
export interface RegistryUser {
  readonly name: string;
  readonly password: string;
  /** Of the password, by bcrypt, which is all that the registry takes. */
  readonly hash: string;
}

/** Debian's docker-registry on loopback, with a store that is thrown away. */
export class LocalRegistry {
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly dir: string;
  private readonly headers: Readonly<Record<string, string>>;

  private constructor(
    url: string,
    child: ChildProcess,
    { dir, user }: { readonly dir: string; readonly user: RegistryUser | undefined },
  ) {
    this.url = url;
    this.child = child;
    this.dir = dir;
    const basic = Buffer.from(`${user?.name}:${user?.password}`).toString("base64");
    this.headers = user === undefined ? {} : { authorization: `Basic ${basic}` };
  }

  /** With a `user` it serves nobody else. */
  static async start(user?: RegistryUser): Promise<LocalRegistry> {
    const dir = mkdtempSync(join(tmpdir(), "raftsman-registry-"));
    const port = await freePort();
    const config = {
      version: "0.1",
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: join(dir, "store") } },
      http: { addr: `127.0.0.1:${port}` },
      ...(user === undefined
        ? {}
        : { auth: { htpasswd: { realm: "r", path: join(dir, "users") } } }),
    };
    if (user !== undefined) writeFileSync(join(dir, "users"), `${user.name}:${user.hash}\n`);
    writeFileSync(join(dir, "config.yml"), JSON.stringify(config));
    const child = spawn("docker-registry", ["serve", join(dir, "config.yml")], { stdio: "ignore" });
    const url = `http://127.0.0.1:${port}`;
    const registry = new LocalRegistry(url, child, { dir, user });
    try {
      const { headers } = registry;
      await until(
        "the registry to answer",
        async () => (await fetch(`${url}/v2/`, { headers })).ok,
        {
          timeoutMs: 15_000,
        },
      );
    } catch (error) {
      await registry.stop();
      throw error;
    }
    return registry;
  }

  /** Uploads an image as `repository:tag`, such as library/nginx:1.7.9. */
  async push(repository: string, tag: string, image: ImageSource): Promise<void> {
    const archive = join(this.dir, "image.tar");
    const unpacked = mkdtempSync(join(this.dir, "image-"));
    await writeImageArchive(archive, image);
    execFileSync("tar", ["-xf", archive, "-C", unpacked]);
    const [manifest] = JSON.parse(readFileSync(join(unpacked, "manifest.json"), "utf8")) as {
      Config: string;
      Layers: string[];
    }[];
    if (manifest === undefined) throw new Error("the archive holds no image");
    const upload = async (file: string, mediaType: string): Promise<Descriptor> =>
      this.pushBlob(repository, readFileSync(join(unpacked, file)), mediaType);
    const config = await upload(manifest.Config, "application/vnd.oci.image.config.v1+json");
    const layers: Descriptor[] = [];
    for (const layer of manifest.Layers)
      layers.push(await upload(layer, "application/vnd.oci.image.layer.v1.tar"));
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const answer = await fetch(`${this.url}/v2/${repository}/manifests/${tag}`, {
      method: "PUT",
      headers: { ...this.headers, "content-type": mediaType },
      body: JSON.stringify({ schemaVersion: 2, mediaType, config, layers }),
    });
    if (answer.status !== 201) throw new Error(`manifest refused: ${await answer.text()}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once("exit", resolve));
      this.child.kill("SIGKILL");
      await ended;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async pushBlob(
    repository: string,
    bytes: Buffer,
    mediaType: string,
  ): Promise<Descriptor> {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const { headers } = this;
    const uploads = `${this.url}/v2/${repository}/blobs/uploads/`;
    const begun = await fetch(uploads, { method: "POST", headers });
    const location = new URL(begun.headers.get("location") ?? "", this.url);
    location.searchParams.set("digest", digest);
    const answer = await fetch(location, { method: "PUT", headers, body: new Uint8Array(bytes) });
    if (answer.status !== 201) throw new Error(`blob refused: ${await answer.text()}`);
    return { mediaType, digest, size: bytes.length };
  }
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** A port of loopback that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
