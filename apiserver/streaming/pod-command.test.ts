import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { connect } from "node:tls";
import t, { type Test } from "tap";
import { ECHO_COMMAND } from "../../api/streaming/test-shell.js";
import { startTestCluster, type TestCluster } from "./test-cluster.js";
import { openSocket } from "./test-web-socket.js";

t.setTimeout(180_000);

async function cluster(t: Test): Promise<TestCluster> {
  const running = await startTestCluster();
  t.teardown(() => running.close());
  return running;
}

t.test("every WebSocket dialect", async (t) => {
  const c = await cluster(t);
  const path = "one/exec?command=cat&stdin=1&stdout=1&stderr=1";
  const failing = "one/exec?command=sh&command=-c&command=exit%203&stdout=1";
  for (const protocol of [
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "channel.k8s.io",
    "base64.channel.k8s.io",
    null,
  ]) {
    const named = protocol ?? "no protocol";
    const failed = await openSocket(c, failing, protocol);
    t.equal(failed.socket.protocol, protocol ?? "", named);
    t.equal(await failed.closed, 1000, `${named}: closed well`);
    t.same(failed.messages[0], [1, ""], `${named}: says that it is connected`);
    const outcome = failed.messages.at(-1);
    t.equal(outcome?.[0], 3, `${named}: the outcome comes last`);
    if (/^v[45]/.test(named)) {
      const status = JSON.parse(outcome?.[1] ?? "") as object;
      t.match(status, { reason: "NonZeroExitCode", details: { causes: [{ message: "3" }] } });
    } else t.match(outcome?.[1], /exit status 3/, `${named}: as text`);
    const echo = await openSocket(c, path, protocol);
    const text = (channel: number, data: string): string | Buffer =>
      named.includes("base64")
        ? `${channel}${Buffer.from(data).toString("base64")}`
        : Buffer.concat([Buffer.of(channel), Buffer.from(data)]);
    echo.socket.send(text(0, "hello"));
    while (!echo.messages.some(([, data]) => data === "hello")) await once(echo.socket, "message");
    if (protocol === "v5.channel.k8s.io") {
      echo.socket.send(Buffer.of(255, 0));
      await echo.closed;
      t.match(echo.messages.at(-1)?.[1], /Success/, "the end of stdin ends cat");
    } else echo.socket.terminate();
  }
});

t.test("nothing is sent before the client reads", async (t) => {
  const c = await cluster(t);
  const quick = "one/exec?command=sh&command=-c&command=exit%203&stdout=1";
  const client = await openSocket(c, quick, "v5.channel.k8s.io", { autoPong: false });
  const signal = AbortSignal.timeout(10_000);
  const [asked] = (await once(client.socket, "ping", { signal })) as [Buffer];
  // The command is over by then.
  await setTimeout(200);
  t.same(client.messages, []);
  client.socket.pong(asked);
  t.equal(await client.closed, 1000);
  t.same(
    client.messages.map(([channel]) => channel),
    [1, 3],
  );
  const silent = await openSocket(c, quick, "v5.channel.k8s.io", { autoPong: false });
  t.equal(await silent.closed, 1000, "one that never answers gets it too");
  t.equal(silent.messages.length, 2);
});

t.test("two hundred streams opened and dropped leave nothing behind", async (t) => {
  const c = await cluster(t);
  const ca = await readFile(c.authority.caFile);
  const path = `/api/v1/namespaces/default/pods/one/exec?command=${ECHO_COMMAND}&stdin=1&stdout=1`;
  const upgrade =
    `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n` +
    "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n";
  const dropSpdy = async (): Promise<void> => {
    const socket = connect({ port: c.port, host: "127.0.0.1", ca });
    socket.on("error", () => {});
    socket.write(upgrade);
    const [answer] = (await once(socket, "data")) as [Buffer];
    t.match(answer.toString("latin1"), /^HTTP\/1.1 101 /);
    socket.destroy();
  };
  const dropWebSocket = async (): Promise<void> => {
    const { socket } = await openSocket(c, path.slice(path.indexOf("one")), "v5.channel.k8s.io");
    socket.send(Buffer.concat([Buffer.of(0), Buffer.alloc(1000)]));
    socket.terminate();
  };
  for (let round = 0; round < 10; round += 1)
    await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? dropSpdy() : dropWebSocket())));
  await c.idle();
  t.equal(c.connections(), 0, "no connection is left on either side");
  t.equal(c.commands(), 0, "no command runs on");
});
