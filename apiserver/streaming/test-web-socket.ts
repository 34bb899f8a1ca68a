import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { WebSocket } from "ws";
import type { TestCluster } from "./test-cluster.js";

/** Opens a WebSocket and collects its messages as [channel, text]. */
export async function openSocket(
  c: TestCluster,
  path: string,
  protocol: string | null,
  options: { readonly autoPong?: boolean } = {},
): Promise<{ socket: WebSocket; messages: [number, string][]; closed: Promise<number> }> {
  const ca = await readFile(c.authority.caFile);
  const url = `wss://127.0.0.1:${c.port}/api/v1/namespaces/default/pods/${path}`;
  const socket = new WebSocket(url, protocol === null ? [] : [protocol], { ca, ...options });
  const base64 = protocol?.includes("base64") ?? false;
  const messages: [number, string][] = [];
  socket.on("message", (data: Buffer) => {
    const content = base64
      ? Buffer.from(data.toString("latin1", 1), "base64").toString()
      : data.toString("utf8", 1);
    messages.push([(data[0] ?? 0) - (base64 ? 0x30 : 0), content]);
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await once(socket, "open");
  return { socket, messages, closed };
}
