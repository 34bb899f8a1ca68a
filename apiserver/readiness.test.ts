import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openStore, type Store } from "../consensus/consensus.js";
import { TestServer } from "./test-server.js";

/** The store, except that its first write waits until it is let through. */
function holdingWrites(store: Store): { held: Store; reached: Promise<void>; release: () => void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const held = new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== "function") return value;
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args);
      if (name !== "txn") return call;
      return async (...args: unknown[]) => {
        reach();
        await released;
        return call(...args);
      };
    },
  });
  return { held, reached, release };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function readyz(port: number): Promise<{ status: number; body: string }> {
  const path = "/readyz?verbose";
  // Who answers is not known to us before the server has started.
  const sent = request({ host: "127.0.0.1", port, path, rejectUnauthorized: false, agent: false });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

void t.test("a server is ready once what every cluster has is there", async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), "raftsman-readiness-"));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const open = (): Promise<Store> => openStore({ dataDir, name: "test", fsync: false });
  const first = await TestServer.start(await open());
  // The next start has to put it back.
  const role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/view";
  t.equal((await first.send("DELETE", role)).status, 200);
  await first.close();
  const { held, reached, release } = holdingWrites(await open());
  const port = await freePort();
  const starting = TestServer.start(held, port);
  await reached;
  const early = await readyz(port);
  t.equal(early.status, 500);
  t.match(early.body, "[-]poststarthook/bootstrap-controller failed: not finished");
  t.match(early.body, "[+]watch-cache ok", "everything else is well");
  release();
  const server = await starting;
  t.teardown(() => server.close());
  const late = await readyz(port);
  t.equal(late.status, 200, late.body);
});
