/*
 * What CNI's plugin portmap makes for `hostPort`, it makes through iptables, and does not take all of
 * it back: the chains that pods' chains are called from stay, and with them the table.
 */

interface Chain {
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}
interface Rule {
  readonly chain: string;
  readonly handle: number;
  readonly expr?: readonly { readonly jump?: { readonly target?: string } }[];
}

/** The chains that portmap shares among all pods of the network namespace. */
const SHARED = "CNI-HOSTPORT-";
/** One for each pod with a host port. */
const OF_A_POD = "CNI-DN-";

/**
 * The nft commands that remove portmap's chains from iptables' table of this family; empty: there
 * are none, or a pod of somebody has a host port. `listing` is the answer of `nft -j list table
 * FAMILY nat`. The table goes too where nothing but them is in it; with `used` (portmap's chains
 * were in the other family's table) an empty one as well: iptables makes it when it is asked.
 */
export function planHostPortCleanup(
  listing: string,
  { family, used }: { readonly family: "ip" | "ip6"; readonly used: boolean },
): string {
  const { nftables = [] } = JSON.parse(listing) as {
    nftables?: readonly { readonly chain?: Chain; readonly rule?: Rule }[];
  };
  const chains = nftables.flatMap(({ chain }) => (chain === undefined ? [] : [chain]));
  const rules = nftables.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  const ours = chains.filter(({ name }) => name.startsWith(SHARED));
  if ((ours.length === 0 && !used) || chains.some(({ name }) => name.startsWith(OF_A_POD)))
    return "";
  const others = chains.filter(({ name }) => !name.startsWith(SHARED));
  const outside = rules.filter(({ chain }) => !chain.startsWith(SHARED));
  const calls = outside.filter(({ expr = [] }) =>
    expr.some(({ jump }) => jump?.target?.startsWith(SHARED) === true),
  );
  const bare = others.every(({ hook, policy }) => hook !== undefined && policy === "accept");
  if (bare && calls.length === outside.length) return `delete table ${family} nat\n`;
  return [
    ...calls.map(({ chain, handle }) => `delete rule ${family} nat ${chain} handle ${handle}\n`),
    ...ours.map(({ name }) => `flush chain ${family} nat ${name}\n`),
    ...ours.map(({ name }) => `delete chain ${family} nat ${name}\n`),
  ].join("");
}
