import t from "tap";
import { planHostPortCleanup } from "./host-port-chains.js";

const base = (name: string, policy = "accept") => ({ chain: { name, hook: "prerouting", policy } });
const chain = (name: string) => ({ chain: { name } });
const jump = (from: string, handle: number, target: string) => ({
  rule: { chain: from, handle, expr: [{ counter: {} }, { jump: { target } }] },
});
const listing = (items: readonly object[]): string =>
  JSON.stringify({ nftables: [{ metainfo: {} }, ...items] });
const plan = (...items: readonly object[]): string =>
  planHostPortCleanup(listing(items), { family: "ip", used: false });
const portmap = [
  base("PREROUTING"),
  chain("CNI-HOSTPORT-DNAT"),
  chain("CNI-HOSTPORT-SETMARK"),
  jump("PREROUTING", 3, "CNI-HOSTPORT-DNAT"),
  { rule: { chain: "CNI-HOSTPORT-SETMARK", handle: 7, expr: [{ xt: {} }] } },
];

void t.test("what host ports leave behind", (t) => {
  t.equal(plan(base("PREROUTING")), "", "it has never been there");
  const after = { family: "ip6", used: true } as const;
  t.equal(planHostPortCleanup(listing([]), after), "delete table ip6 nat\n", "it was only asked");
  const foreign = [chain("DOCKER")];
  t.equal(planHostPortCleanup(listing(foreign), after), "", "nothing of it is portmap's");
  t.equal(plan(...portmap), "delete table ip nat\n", "nothing else is in the table");
  t.equal(plan(...portmap, chain("CNI-DN-abc")), "", "a pod has a host port");
  const expected = [
    "delete rule ip nat PREROUTING handle 3",
    "flush chain ip nat CNI-HOSTPORT-DNAT",
    "flush chain ip nat CNI-HOSTPORT-SETMARK",
    "delete chain ip nat CNI-HOSTPORT-DNAT",
    "delete chain ip nat CNI-HOSTPORT-SETMARK",
    "",
  ].join("\n");
  t.equal(plan(...portmap, chain("DOCKER")), expected, "somebody's chain stays");
  t.equal(plan(...portmap, jump("PREROUTING", 9, "DOCKER")), expected, "somebody's rule stays");
  t.equal(plan(...portmap, base("OUTPUT", "drop")), expected, "somebody's policy stays");
  t.end();
});
