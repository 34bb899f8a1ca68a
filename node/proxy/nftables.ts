import { MASQUERADE_MARK } from "./service-rules.js";
import {
  type Chain,
  type ChainState,
  chainOf,
  type Element,
  ELEMENT_SET_TYPES,
  type ElementSet,
  elementId,
  type RuleSet,
} from "./rule-set.js";

const UNMARK = 0xffffffff - MASQUERADE_MARK;
const MARK = `meta mark set meta mark | ${MASQUERADE_MARK}`;
const IS_MARKED = `meta mark & ${MASQUERADE_MARK} == ${MASQUERADE_MARK}`;

/** The chains every Service table has, whatever the Services are. */
export function baseChains(clusterCidr: string): ReadonlyMap<string, Chain> {
  const chains = [
    chainOf("services", [
      // Whoever is not a pod (the host itself, or outside) must get its answers back through this
      // node.
      `ip daddr @cluster_ips ip saddr != ${clusterCidr} ${MARK}`,
      "ip daddr . meta l4proto . th dport vmap @service_ips",
      "fib daddr type local meta l4proto . th dport vmap @node_ports",
    ]),
    chainOf("unserved", [
      "ip daddr @cluster_ips goto refuse",
      "ip daddr . meta l4proto . th dport @reject_addresses goto refuse",
      "fib daddr type local meta l4proto . th dport @reject_ports goto refuse",
    ]),
    // A reset is never held back by the limit on ICMP errors.
    chainOf("refuse", ["meta l4proto 6 reject with tcp reset", "reject"]),
    // route_localnet lets NodePorts answer on 127.0.0.1; nobody else may reach the host's loopback
    // through it.
    chainOf(
      "loopback_guard",
      ['iifname != "lo" ip daddr 127.0.0.0/8 drop'],
      hook("filter", "prerouting", -300),
    ),
    chainOf("nat_prerouting", ["jump services"], hook("nat", "prerouting", -100)),
    chainOf("nat_output", ["jump services"], hook("nat", "output", -100)),
    chainOf(
      "nat_postrouting",
      [
        'oifname "lo" return',
        // A pod that reached itself: without this it would answer itself directly, past the
        // translation.
        "ip saddr . ip daddr @hairpin ct status dnat masquerade fully-random",
        `${IS_MARKED} meta mark set meta mark & ${UNMARK} masquerade fully-random`,
      ],
      hook("nat", "postrouting", 100),
    ),
    // What still has a Service's address after translation has no backend. Only the first packet
    // needs a look.
    chainOf("filter_input", ["ct state new jump unserved"], hook("filter", "input", 0)),
    chainOf("filter_forward", ["ct state new jump unserved"], hook("filter", "forward", 0)),
    chainOf("filter_output", ["ct state new jump unserved"], hook("filter", "output", 0)),
  ];
  return new Map(chains.map((chain) => [chain.name, chain]));
}

function hook(type: string, name: string, priority: number): string {
  return `type ${type} hook ${name} priority ${priority}; policy accept;`;
}

/** Declares the table and its sets; harmless when they are there. */
export function renderTable(table: string): string {
  const sets = Object.entries(ELEMENT_SET_TYPES).map(([name, type]) => {
    const kind = type.endsWith(": verdict") ? "map" : "set";
    return `add ${kind} ip ${table} ${name} { type ${type}; }`;
  });
  return [`add table ip ${table}`, ...sets, ""].join("\n");
}

/** Removes the table with everything in it; harmless when it is not there. */
export function renderRemoval(table: string): string {
  return `add table ip ${table}\ndelete table ip ${table}\n`;
}

/**
 * The shortest transaction that turns `from` into `to`: only chains, entries and sets that differ
 * are named. Empty when nothing differs. `from` and `to` may be the whole table or, for a change
 * of some Services, those Services' share.
 */
export function renderTransaction(table: string, from: RuleSet, to: RuleSet): string {
  const lines: string[] = [];
  for (const [name, seconds] of to.affinitySets) {
    if (from.affinitySets.has(name)) continue;
    const spec = `type ipv4_addr; flags dynamic,timeout; timeout ${seconds}s; size 65535;`;
    lines.push(`add set ip ${table} ${name} { ${spec} }`);
  }
  const changed = [...to.chains.values()].filter(
    (chain): chain is Chain => "rules" in chain && !isLoaded(from.chains.get(chain.name), chain),
  );
  // First every chain, then the rules: rules may go to chains that come later.
  for (const { name, hook: at } of changed) {
    lines.push(`add chain ip ${table} ${name}${at === null ? "" : ` { ${at} }`}`);
    if (from.chains.has(name)) lines.push(`flush chain ip ${table} ${name}`);
  }
  for (const { name, rules, digest } of changed) {
    for (const rule of rules)
      lines.push(`add rule ip ${table} ${name} ${rule} comment "${digest}"`);
  }
  lines.push(...renderElements(table, from, to));
  const gone = [...from.chains.keys()].filter((name) => !to.chains.has(name));
  for (const name of gone) lines.push(`flush chain ip ${table} ${name}`);
  for (const name of gone) lines.push(`delete chain ip ${table} ${name}`);
  for (const name of from.affinitySets.keys()) {
    if (!to.affinitySets.has(name)) lines.push(`delete set ip ${table} ${name}`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function isLoaded(loaded: ChainState | undefined, wanted: Chain): boolean {
  return loaded !== undefined && loaded.digest === wanted.digest;
}

function renderElements(table: string, from: RuleSet, to: RuleSet): readonly string[] {
  const removed: Element[] = [];
  const added: Element[] = [];
  for (const [id, element] of from.elements) {
    const kept = to.elements.get(id);
    if (kept === undefined || kept.verdict !== element.verdict) removed.push(element);
  }
  for (const [id, element] of to.elements) {
    const known = from.elements.get(id);
    if (known === undefined || known.verdict !== element.verdict) added.push(element);
  }
  return [
    ...groupBySet(removed).map(
      ([set, list]) =>
        `delete element ip ${table} ${set} { ${list.map(({ key }) => key).join(", ")} }`,
    ),
    ...groupBySet(added).map(
      ([set, list]) => `add element ip ${table} ${set} { ${list.map(renderElement).join(", ")} }`,
    ),
  ];
}

function renderElement({ key, verdict }: Element): string {
  return verdict === null ? key : `${key} : ${verdict}`;
}

function groupBySet(elements: readonly Element[]): [ElementSet, Element[]][] {
  const groups = new Map<ElementSet, Element[]>();
  for (const element of elements) {
    const group = groups.get(element.set);
    if (group === undefined) groups.set(element.set, [element]);
    else group.push(element);
  }
  return [...groups];
}

const PROTOCOLS_BY_NAME: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

/**
 * Reads `nft -j list table`: what the kernel holds. Chains whose rules are not all ours have a
 * null digest.
 */
export function parseTable(json: string): RuleSet {
  const parsed = JSON.parse(json) as { nftables?: readonly Record<string, unknown>[] };
  const rules = new Map<string, (string | null)[]>();
  const elements = new Map<string, Element>();
  const affinitySets = new Map<string, number>();
  for (const item of parsed.nftables ?? []) {
    const chain = item["chain"] as { name: string } | undefined;
    if (chain !== undefined && !rules.has(chain.name)) rules.set(chain.name, []);
    const rule = item["rule"] as { chain: string; comment?: string } | undefined;
    if (rule !== undefined) {
      const comments = rules.get(rule.chain) ?? [];
      comments.push(rule.comment ?? null);
      rules.set(rule.chain, comments);
    }
    const set = (item["set"] ?? item["map"]) as ListedSet | undefined;
    if (set?.name.startsWith("affinity/") === true) affinitySets.set(set.name, set.timeout ?? 0);
    else if (set !== undefined) {
      for (const element of listedElements(set)) elements.set(elementId(element), element);
    }
  }
  const chains = new Map(
    [...rules].map(([name, comments]) => [name, { name, digest: commonDigest(comments) }]),
  );
  return { chains, elements, affinitySets };
}

/** The digest on all rules of a chain, if they are as many as it says. */
function commonDigest(comments: readonly (string | null)[]): string | null {
  const [digest] = comments;
  if (digest === undefined || digest === null) return null;
  const complete = digest.endsWith(`.${comments.length}`);
  return complete && comments.every((comment) => comment === digest) ? digest : null;
}

interface ListedSet {
  readonly name: string;
  readonly timeout?: number;
  readonly elem?: readonly unknown[];
}

function listedElements({ name, elem = [] }: ListedSet): readonly Element[] {
  if (!isElementSet(name)) return [];
  return elem.map((entry) => {
    if (Array.isArray(entry))
      return { set: name, key: listedKey(entry[0]), verdict: listedVerdict(entry[1]) };
    return { set: name, key: listedKey(entry), verdict: null };
  });
}

function isElementSet(name: string): name is ElementSet {
  return Object.hasOwn(ELEMENT_SET_TYPES, name);
}

function listedKey(key: unknown): string {
  const parts =
    typeof key === "object" && key !== null && "concat" in key && Array.isArray(key.concat)
      ? (key.concat as readonly unknown[])
      : [key];
  return parts.map((part) => String(PROTOCOLS_BY_NAME[String(part)] ?? part)).join(" . ");
}

function listedVerdict(verdict: unknown): string | null {
  const target = (verdict as { goto?: { target: string } } | null)?.goto?.target;
  if (target !== undefined) return `goto ${target}`;
  const [word] = Object.keys((verdict as Record<string, unknown> | null) ?? {});
  return word ?? null;
}
