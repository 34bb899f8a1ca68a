import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import dnsPacket from "dns-packet";
import t from "tap";
import { systemClock } from "../../api/client/system-clock.js";
import { silentLogger } from "../../base/logger.js";
import { type DnsProcessOptions, ensureDnsProcess, teardownDns } from "./ensure-dns-process.js";

const ADDRESS = "127.0.0.1";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, ADDRESS);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Asks for a pod's address, which needs no API server, until somebody answers. */
async function answered(port: number): Promise<string> {
  const name = "10-244-1-2.default.pod.cluster.local";
  const message = dnsPacket.encode({ type: "query", id: 1, questions: [{ name, type: "A" }] });
  for (const deadlineMs = Date.now() + 10_000; Date.now() < deadlineMs; ) {
    const socket = createSocket("udp4");
    try {
      socket.connect(port, ADDRESS, () => socket.send(message));
      const [bytes] = (await once(socket, "message", { signal: AbortSignal.timeout(200) })) as [
        Buffer,
      ];
      const { type, answers } = dnsPacket.decode(bytes);
      // While nobody listens, the system may give this socket the very port that it asks: an echo.
      if (type === "query") continue;
      const answer = answers?.[0];
      return answer?.type === "A" ? answer.data : "no answer";
    } catch {
      // Not there yet: refused, or silent.
    } finally {
      socket.close();
    }
  }
  return "nobody answers";
}

t.test("a process that outlives its starter", { skip: process.platform !== "linux" }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "rmt-dns-"));
  const resolvConf = join(folder, "resolv.conf");
  await writeFile(resolvConf, "");
  const file = join(folder, "none.pem");
  const options: DnsProcessOptions = {
    clusterName: "test",
    hostName: "node-1",
    listenAddress: ADDRESS,
    port: await freePort(),
    domain: "cluster.local",
    client: {
      servers: ["https://127.0.0.1:1"],
      caFile: file,
      certFile: file,
      keyFile: file,
      userAgent: "test",
    },
    resolvConf,
    runDir: join(folder, "run"),
    logDir: join(folder, "log"),
    logger: silentLogger,
    clock: systemClock,
  };
  const first = await ensureDnsProcess(options);
  t.teardown(async () => {
    await teardownDns(options);
    await rm(folder, { recursive: true });
  });
  t.equal(await answered(options.port), "10.244.1.2");
  const { pid } = first;
  t.ok(pid !== null);
  const title = await readFile(`/proc/${pid}/cmdline`, "utf8");
  t.equal(title.replaceAll("\0", "").trim(), "raftsman: dns node-1 (test)");
  await first.close();

  const second = await ensureDnsProcess(options);
  t.equal(second.pid, pid, "the next agent takes it over");
  process.kill(pid ?? 0, "SIGKILL");
  while (second.pid === pid || second.pid === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(await answered(options.port), "10.244.1.2", "it is started again");
  const restarted = second.pid;
  await second.close();

  const third = await ensureDnsProcess({ ...options, domain: "other.local" });
  t.not(third.pid, restarted, "another configuration, another process");
  await third.close();
  await teardownDns(options);
  t.notOk(existsSync(`/proc/${third.pid}`));
  t.notOk(existsSync(join(options.runDir, "dns.pid")));
  await teardownDns(options);
});
