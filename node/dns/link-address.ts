import type { RunCommand } from "../cni/run-command.js";

/**
 * Gives the loopback interface of this network namespace an address; false when it has it already.
 */
export async function ensureLinkAddress(address: string, run: RunCommand): Promise<boolean> {
  if (await hasAddress(address, run)) return false;
  // `replace` also succeeds when somebody else was faster.
  await run("ip", ["addr", "replace", `${address}/32`, "dev", "lo", "scope", "host"]);
  return true;
}

/**
 * Takes the address away again; nothing happens when it is not there. Never touches 127.0.0.0/8.
 */
export async function removeLinkAddress(address: string, run: RunCommand): Promise<void> {
  if (isLoopback(address) || !(await hasAddress(address, run))) return;
  await run("ip", ["addr", "del", `${address}/32`, "dev", "lo"]);
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
