import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import dnsPacket from "dns-packet";
import t from "tap";
import { systemClock } from "../../api/client/system-clock.js";
import { Upstream } from "./upstream.js";

void t.test("servers that are silent are given up before the client gives up", async (t) => {
  const silent = createSocket("udp4");
  silent.bind(0, "127.0.0.1");
  await once(silent, "listening");
  let asked = 0;
  silent.on("message", () => (asked += 1));
  const dir = await mkdtemp(join(tmpdir(), "rm-dns-"));
  t.teardown(async () => {
    silent.close();
    await rm(dir, { recursive: true, force: true });
  });
  const resolvConf = join(dir, "resolv.conf");
  await writeFile(resolvConf, "nameserver 127.0.0.1\n".repeat(3));
  const upstream = new Upstream({
    resolvConf,
    ownAddresses: [],
    clock: systemClock,
    port: silent.address().port,
    times: { tryMs: 100, totalMs: 250 },
  });
  const questions = [{ name: "example.org", type: "A" as const }];
  const query = dnsPacket.encode({ type: "query", id: 7, questions });
  await t.rejects(upstream.ask(query, "udp", new AbortController().signal), {
    code: "UpstreamFailed",
  });
  t.ok(asked > 0 && asked <= 3, `asked ${asked} times, not six`);
});
