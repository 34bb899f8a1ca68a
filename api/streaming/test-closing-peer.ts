import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { spdyCommandServer } from "./spdy-command.js";
import { realClock } from "./test-clock.js";

/**
 * A worker that serves one command as Go's runtimes do: all output at once, the outcome, and then
 * the connection is closed, whether or not the other side has read. Posts its port; sets and wakes
 * `closed` when it has closed.
 */
const { closed, outputBytes } = workerData as { closed: Int32Array; outputBytes: number };
const server = createServer((socket) => {
  const streams = { stdin: false, stdout: true, stderr: false, tty: false };
  const options = { streams, protocol: "v4.channel.k8s.io", clock: realClock } as const;
  void spdyCommandServer(socket, { ...options, timeoutMs: 10_000 }).then(async (end) => {
    const { stdout } = end;
    if (stdout === null) throw new Error("stdout was asked for");
    stdout.end(Buffer.alloc(outputBytes, "x"));
    await once(stdout, "finish");
    end.finish('{"status":"Success"}');
    await once(socket, "finish");
    socket.destroy();
    server.close();
    Atomics.store(closed, 0, 1);
    Atomics.notify(closed, 0);
  });
});
server.listen(0, "127.0.0.1", () => {
  parentPort?.postMessage((server.address() as AddressInfo).port);
});
