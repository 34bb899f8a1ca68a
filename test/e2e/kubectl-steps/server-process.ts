/** The process of server-host.ts: starts and stops API servers as it is told over IPC. */
import { ControlPlane } from "../../integration/control-plane.js";
import type { HostReply, HostRequest, HostedServer } from "./server-host.js";

const running = new Map<number, ControlPlane>();

async function start(id: number): Promise<HostedServer> {
  const controlPlane = await ControlPlane.start();
  running.set(id, controlPlane);
  const { server, node } = controlPlane;
  node.isHealthy = ({ spec }) => spec.containers.every(({ image }) => image !== "bad");
  const { certFile, keyFile } = await server.authority.issue("files", "CN=a.example.com");
  return { kubeconfig: await server.kubeconfig(), dir: server.dir, certFile, keyFile };
}

async function stop(id: number): Promise<null> {
  const controlPlane = running.get(id);
  running.delete(id);
  await controlPlane?.stop();
  return null;
}

async function answer({ id, verb }: HostRequest): Promise<HostReply> {
  try {
    return { id, server: await (verb === "start" ? start(id) : stop(id)) };
  } catch (error) {
    return { id, error: String(error) };
  }
}

process.on("message", (request: HostRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
// The test has ended, in whatever way.
process.once("disconnect", () => {
  void Promise.all([...running.keys()].map(stop)).finally(() => process.exit());
});
