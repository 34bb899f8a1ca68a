import { createServer, type AddressInfo } from "node:net";

/** The preferred ports where nobody listens, otherwise others that are free now. */
export async function findFreePorts(preferred: readonly number[]): Promise<number[]> {
  const ports: number[] = [];
  for (const port of preferred) ports.push((await tryPort(port)) ?? (await tryPort(0)) ?? port);
  return ports;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "0.0.0.0", () => {
      const found = (server.address() as AddressInfo).port;
      server.close(() => resolve(found));
    });
  });
}
