import { networkInterfaces } from "node:os";
import { waitMs } from "../../api/client/waiting.js";
import type { Clock } from "../../base/clock.js";
import { CodedError, messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { type RunCommand, runCommand } from "../../node/cni/run-command.js";
import { overlaps, parseCidr } from "./cidr.js";
import {
  type HeldAddress,
  interfaceFor,
  planVirtualAddress,
  VIRTUAL_ADDRESS_TIMES,
} from "./virtual-address-plan.js";

const LOOK_MS = 50;
const COMMAND_MS = 2_000;

/** What the virtual address goes by: the store's status and its read index. */
export interface Leadership {
  status(): Promise<{ memberId: string; leaderId: string | null; term: number }>;
  /** Needs a quorum that knows of no later leader. */
  readIndex(): Promise<unknown>;
}

/** `NoInterface`: no interface of this computer has a network in which the address lies. */
export type VirtualAddressErrorCode = "NoInterface";

/**
 * Holds one address while this server leads: added to the interface of its network with a lifetime
 * that is renewed, so that a server that stands still or dies loses it by itself, and announced by
 * gratuitous ARP (RFC 5227 §3), so that neighbours send to us at once. Throws CodedError
 * "NoInterface" at once when it never could.
 */
export class VirtualAddress {
  private readonly address: string;
  private readonly device: string;
  private readonly leadership: Leadership;
  private readonly deps: { readonly clock: Clock; readonly logger: Logger };
  private readonly run: RunCommand;
  private held: HeldAddress | null = null;
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  constructor(
    config: { readonly address: string; readonly leadership: Leadership },
    deps: { readonly clock: Clock; readonly logger: Logger; readonly run?: RunCommand },
  ) {
    this.address = config.address;
    this.leadership = config.leadership;
    this.deps = deps;
    this.run = deps.run ?? runCommand;
    this.device = deviceFor(config.address);
    this.done = this.follow();
  }

  /** Gives the address up and ends. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.done;
    await this.release();
  }

  private async follow(): Promise<void> {
    const { clock, logger } = this.deps;
    const { signal } = this.stop;
    let lookedMs = clock.monotonicMs();
    while (!signal.aborted) {
      const leads = await this.leads();
      const nowMs = clock.monotonicMs();
      const action = planVirtualAddress(this.held, { leads, nowMs, lookedMs });
      lookedMs = nowMs;
      try {
        await this.act(action, nowMs);
      } catch (error) {
        logger.warn("the virtual address cannot be kept", { action, error: messageOf(error) });
      }
      await waitMs(clock, LOOK_MS, signal);
    }
  }

  private async act(action: ReturnType<typeof planVirtualAddress>, nowMs: number): Promise<void> {
    const { logger } = this.deps;
    const { address } = this;
    switch (action) {
      case "none":
        return;
      case "take":
        // What the status says may be old news: a quorum has to confirm it.
        if (!(await this.isConfirmed())) return;
        await this.renew();
        this.held = { takenMs: nowMs, renewedMs: nowMs, announcedMs: nowMs };
        this.announce();
        return logger.info("this server leads: it has the virtual address", { address });
      case "renew":
        await this.renew();
        if (this.held !== null) this.held = { ...this.held, renewedMs: nowMs };
        return;
      case "announce":
        if (this.held !== null) this.held = { ...this.held, announcedMs: nowMs };
        return this.announce();
      case "release":
        await this.release();
        return logger.info("the virtual address is given up", { address });
    }
  }

  private async leads(): Promise<boolean> {
    try {
      const { memberId, leaderId } = await this.leadership.status();
      return memberId === leaderId;
    } catch {
      return false;
    }
  }

  private async isConfirmed(): Promise<boolean> {
    try {
      const before = await this.leadership.status();
      await this.leadership.readIndex();
      const after = await this.leadership.status();
      return after.leaderId === after.memberId && after.term === before.term;
    } catch {
      return false;
    }
  }

  private async renew(): Promise<void> {
    const seconds = String(VIRTUAL_ADDRESS_TIMES.lifetimeMs / 1000);
    const life = ["valid_lft", seconds, "preferred_lft", seconds];
    // A network of one: it is for being reached at, not for speaking from.
    const args = ["addr", "replace", `${this.address}/32`, "dev", this.device, ...life];
    await this.run("ip", args, { timeoutMs: COMMAND_MS });
  }

  private async release(): Promise<void> {
    if (this.held === null) return;
    this.held = null;
    const args = ["addr", "del", `${this.address}/32`, "dev", this.device];
    // The kernel may have taken it away already.
    await this.run("ip", args, { timeoutMs: COMMAND_MS }).catch(() => "");
  }

  /** Not waited for: the program stays for a second to hear of others that have the address. */
  private announce(): void {
    const { address, device } = this;
    const args = ["arping", "-q", "-U", "-c", "1", "-w", "1", "-I", device, "-s", address, address];
    this.run("busybox", args, { timeoutMs: COMMAND_MS }).catch((error: unknown) => {
      // Nobody answers a gratuitous request: that ends with 1, and is what is wanted.
      if (error instanceof CodedError && error.code === "CommandFailed") return;
      this.deps.logger.warn("the virtual address is not announced", { error: messageOf(error) });
    });
  }
}

function deviceFor(address: string): string {
  const interfaces = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).map(({ cidr }) => ({ name, cidr })),
  );
  const device = interfaceFor(address, interfaces, contains);
  if (device !== null) return device;
  throw new CodedError<VirtualAddressErrorCode>(
    "NoInterface",
    `no network of this computer has the virtual address ${address}`,
    { details: { address } },
  );
}

function contains(cidr: string, address: string): boolean {
  const [range, one] = [parseCidr(cidr), parseCidr(`${address}/32`)];
  return range !== null && one !== null && overlaps(range, one);
}
