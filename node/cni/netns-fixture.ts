import { randomBytes } from "node:crypto";
import { type RunCommand, runCommand } from "./run-command.js";

/** A network namespace of a test's own, standing for a host or a pod. */
export interface TestNamespace {
  readonly name: string;
  /** Runs a program inside. */
  readonly run: RunCommand;
}

/** Network namespaces for tests; needs root. Everything made is removed by `cleanUp`. */
export class NetnsFixture {
  private readonly prefix = `rmt-${randomBytes(3).toString("hex")}`;
  private readonly names: string[] = [];

  /** Why tests cannot run here, or false. */
  static get unavailable(): string | false {
    return process.getuid?.() === 0 ? false : "needs root";
  }

  /** A new namespace with its loopback up. */
  async add(label: string): Promise<TestNamespace> {
    const name = `${this.prefix}-${label}`;
    await runCommand("ip", ["netns", "add", name]);
    this.names.push(name);
    const run: RunCommand = (file, args, options) =>
      runCommand("nsenter", [`--net=/var/run/netns/${name}`, file, ...args], options);
    await run("ip", ["link", "set", "lo", "up"]);
    return { name, run };
  }

  /**
   * Joins two namespaces by a pair of interfaces `eth0` in `inner`, `device` in `outer`, both up.
   */
  async join(inner: TestNamespace, outer: TestNamespace, device: string): Promise<void> {
    await inner.run("ip", ["link", "add", "eth0", "type", "veth", "peer", "name", device]);
    await inner.run("ip", ["link", "set", device, "netns", outer.name]);
    await inner.run("ip", ["link", "set", "eth0", "up"]);
    await outer.run("ip", ["link", "set", device, "up"]);
  }

  /**
   * Attaches a pod to a host as the ptp plugin does: a routed pair, the gateway on the host's end.
   */
  async attachPod(
    pod: TestNamespace,
    host: TestNamespace,
    at: { address: string; gateway: string },
  ): Promise<void> {
    const device = `veth${this.names.indexOf(pod.name)}`;
    await this.join(pod, host, device);
    await host.run("ip", ["addr", "add", `${at.gateway}/32`, "dev", device]);
    await host.run("ip", ["route", "add", `${at.address}/32`, "dev", device, "scope", "host"]);
    await pod.run("ip", ["addr", "add", `${at.address}/24`, "dev", "eth0", "noprefixroute"]);
    await pod.run("ip", ["route", "add", at.gateway, "dev", "eth0", "scope", "link"]);
    await pod.run("ip", ["route", "add", "default", "via", at.gateway]);
  }

  async cleanUp(): Promise<void> {
    for (const name of this.names) await runCommand("ip", ["netns", "del", name]).catch(() => "");
  }
}
