import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { isReady } from "../../deploy/local-cluster/cluster-status.js";
import type { HostState } from "../../deploy/local-cluster/cluster-state.js";
import { until } from "./until.js";

/** A server that cannot start says what, why and what to do, and exits with 1. */

const COMMAND = join(import.meta.dirname, "../../../deploy/raftsman.js");
t.setTimeout(180_000);

const root = mkdtempSync(join(tmpdir(), "rm-start-"));
t.teardown(() => rmSync(root, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stderr: string;
}

function runServer(dataDir: string, port: number, ...more: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [COMMAND, "server", ...serverArgs(dataDir, port), ...more],
      { timeout: 60_000, killSignal: "SIGKILL" },
      (error, _stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
        resolve({ code, stderr });
      },
    );
  });
}

function serverArgs(dataDir: string, port: number): string[] {
  const listen = `127.0.0.1:${port}`;
  return ["--name", "s", "--data-dir", dataDir, "--listen", listen, "--advertise", "127.0.0.1"];
}

async function occupiedPort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server };
}

async function freePort(): Promise<number> {
  const { port, server } = await occupiedPort();
  server.close();
  await once(server, "close");
  return port;
}

await t.test("its port is taken", async (t) => {
  const { port, server } = await occupiedPort();
  t.teardown(() => server.close());
  const { code, stderr } = await runServer(join(root, "port"), port);
  t.equal(code, 1);
  t.match(stderr, /error: the API cannot be served: .*EADDRINUSE.*\n +Stop the program/);
  const json = await runServer(join(root, "port"), port, "-o", "json");
  const last = json.stderr.trim().split("\n").at(-1) ?? "";
  t.match(JSON.parse(last), { error: { code: "Failed", message: /EADDRINUSE/, hint: /Stop/ } });
});

await t.test("its data folder is in use", async (t) => {
  const dataDir = join(root, "shared");
  const port = await freePort();
  const first: ChildProcess = spawn(
    process.execPath,
    [COMMAND, "server", ...serverArgs(dataDir, port)],
    { stdio: "ignore" },
  );
  t.teardown(async () => {
    if (first.exitCode !== null) return;
    first.kill("SIGTERM");
    await once(first, "exit");
  });
  await until("the first server to serve", () =>
    isReady(hostAt(port), { part: "server", pkiDir: join(dataDir, "pki") }),
  );
  const { code, stderr } = await runServer(dataDir, await freePort());
  t.equal(code, 1);
  t.match(stderr, /error: the server cannot start: .*in use.*\n +Another server uses this folder/i);
  t.equal(
    await isReady(hostAt(port), { part: "server", pkiDir: join(dataDir, "pki") }),
    true,
    "the first one is unharmed",
  );
});

await t.test("its disk is full", async (t) => {
  const disk = join(root, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
  t.teardown(() => execFileSync("umount", [disk]));
  writeFileSync(join(disk, "ballast"), Buffer.alloc(2 * 1024 * 1024 - 8192));
  const { code, stderr } = await runServer(join(disk, "data"), await freePort());
  t.equal(code, 1);
  t.match(stderr, /error: .*\d+ MiB free for .*MiB needed[^]*Free some space/);
});

await t.test("a flag or a field that does not exist", async (t) => {
  t.match(await runServer(join(root, "x"), 1, "--no-such-flag"), { code: 2 });
  const file = join(root, "config.json");
  writeFileSync(file, JSON.stringify({ dataDri: "/tmp" }));
  const { code, stderr } = await runServer(join(root, "x"), 1, "--config", file);
  t.equal(code, 2);
  t.match(stderr, /unknown configuration field dataDri/);
});

function hostAt(port: number): HostState {
  return { name: "s", role: "server", address: "127.0.0.1", netns: null, ports: { api: port } };
}
