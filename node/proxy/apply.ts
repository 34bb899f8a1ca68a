import { hasCode } from "../../base/errors.js";
import type { RunCommand } from "../cni/run-command.js";
import { parseTable, renderRemoval, renderTable, renderTransaction } from "./nftables.js";
import type { RuleSet } from "./rule-set.js";
import type { StaleUdp } from "./udp-flows.js";

const NFT_TIMEOUT_MS = 60_000;
const EMPTY: RuleSet = { chains: new Map(), elements: new Map(), affinitySets: new Map() };

/**
 * The Service table in the kernel, changed by `nft`. Rejections are CodedError (CommandErrorCode).
 */
export class KernelTable {
  private readonly name: string;
  private readonly run: RunCommand;

  constructor(name: string, run: RunCommand) {
    this.name = name;
    this.run = run;
  }

  /** What is loaded; empty when the table does not exist. */
  async list(signal: AbortSignal): Promise<RuleSet> {
    const tables = await this.run("nft", ["-j", "list", "tables", "ip"], { signal });
    if (!tables.includes(`"name": "${this.name}"`)) return EMPTY;
    const args = ["-j", "list", "table", "ip", this.name];
    return parseTable(await this.run("nft", args, { signal, timeoutMs: NFT_TIMEOUT_MS }));
  }

  /** Whether the table still is there. */
  async exists(signal: AbortSignal): Promise<boolean> {
    const args = ["list", "chain", "ip", this.name, "services"];
    return this.run("nft", args, { signal }).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, "CommandFailed")) return false;
        throw error;
      },
    );
  }

  /** Declares the table and its empty sets. */
  async create(signal: AbortSignal): Promise<void> {
    await this.transact(renderTable(this.name), signal);
  }

  /** Loads the difference in one transaction; false when there was none. */
  async load(from: RuleSet, to: RuleSet, signal: AbortSignal): Promise<boolean> {
    const text = renderTransaction(this.name, from, to);
    if (text === "") return false;
    await this.transact(text, signal);
    return true;
  }

  async remove(signal: AbortSignal): Promise<void> {
    await this.transact(renderRemoval(this.name), signal);
  }

  private async transact(input: string, signal: AbortSignal): Promise<void> {
    await this.run("nft", ["-f", "-"], { input, signal, timeoutMs: NFT_TIMEOUT_MS });
  }
}

/**
 * Makes conntrack forget these flows; how many commands found something. Rejects with
 * CommandMissing without the tool.
 */
export async function forgetFlows(
  stale: readonly StaleUdp[],
  { run, signal }: { run: RunCommand; signal: AbortSignal },
): Promise<number> {
  let found = 0;
  for (const { args } of stale) {
    try {
      await run("conntrack", args, { signal });
      found += 1;
    } catch (error) {
      // It also ends with an error when no flow matched.
      if (!hasCode(error, "CommandFailed")) throw error;
    }
  }
  return found;
}
