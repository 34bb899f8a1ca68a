import { readFile, rm, writeFile } from "node:fs/promises";
import type { RunCommand } from "../cni/run-command.js";

/**
 * Gives the loopback interface of this network namespace an address, unless it has it. That it is
 * ours to take away is written to `marker` first: whoever is killed in between leaves a marker
 * without an address, which does no harm, and never an address that nobody takes away.
 */
export async function claimLinkAddress(
  address: string,
  marker: string,
  run: RunCommand,
): Promise<void> {
  if (await hasAddress(address, run)) return;
  await writeFile(marker, `${address}\n`);
  // `replace` also succeeds when somebody else was faster.
  await run("ip", ["addr", "replace", `${address}/32`, "dev", "lo", "scope", "host"]);
}

/**
 * Takes the address away again, if `marker` says that it is ours, and the marker with it; nothing
 * happens when it is not there. Never touches 127.0.0.0/8.
 */
export async function releaseLinkAddress(
  address: string,
  marker: string,
  run: RunCommand,
): Promise<void> {
  const claimed = await readFile(marker, "utf8").catch(() => null);
  const isOurs = claimed?.trim() === address && !isLoopback(address);
  if (isOurs && (await hasAddress(address, run)))
    await run("ip", ["addr", "del", `${address}/32`, "dev", "lo"]);
  await rm(marker, { force: true });
}

async function hasAddress(address: string, run: RunCommand): Promise<boolean> {
  if (isLoopback(address)) return true;
  const listing = await run("ip", ["-j", "addr", "show", "dev", "lo"]);
  const links = JSON.parse(listing) as readonly {
    addr_info?: readonly { local?: string }[];
  }[];
  return links.some((link) => link.addr_info?.some(({ local }) => local === address) === true);
}

/** The whole of 127.0.0.0/8 always is there. */
function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}
