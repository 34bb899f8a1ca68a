import { once } from "node:events";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { Worker } from "node:worker_threads";
import t from "tap";
import { spdyCommandClient } from "./spdy-command.js";
import { realClock } from "./test-clock.js";

const OUTPUT_BYTES = 500_000;

void t.test("output is whole although its sender closes before we have read any", async (t) => {
  const closed = new Int32Array(new SharedArrayBuffer(4));
  const peer = new Worker(new URL("./test-closing-peer.js", import.meta.url), {
    workerData: { closed, outputBytes: OUTPUT_BYTES },
  });
  t.teardown(() => peer.terminate());
  const [port] = (await once(peer, "message")) as [number];
  const transport = connect({ host: "127.0.0.1", port });
  await once(transport, "connect");
  const opening = spdyCommandClient(transport, {
    streams: { stdin: false, stdout: true, stderr: false, tty: false },
    protocol: "v4.channel.k8s.io",
    clock: realClock,
    timeoutMs: 10_000,
  });
  // As on a busy computer: this thread does nothing until the peer is gone.
  t.not(Atomics.wait(closed, 0, 0, 10_000), "timed-out", "the peer has closed");
  const client = await opening;
  const [output, outcome] = await Promise.all([
    client.stdout === null ? Buffer.of() : buffer(client.stdout),
    buffer(client.error),
  ]);
  t.equal(output.length, OUTPUT_BYTES);
  t.equal(outcome.toString(), '{"status":"Success"}');
  await client.closed;
});
