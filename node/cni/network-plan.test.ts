import t from "tap";
import {
  findDroppingChains,
  nftTableName,
  planSysctlRestore,
  planSysctls,
  renderConflist,
  type SysctlChange,
} from "./network-plan.js";
import { isWithin, parseCidr, planRoutes, routedNodeOf } from "./route-plan.js";

t.test("the configuration keeps its addresses in the host's folder", (t) => {
  const conflist = JSON.parse(
    renderConflist({
      networkName: "raftsman-dev-node-1",
      podCidr: "10.244.7.0/24",
      clusterCidr: "10.244.0.0/16",
      ipamDir: "/data/cni/networks",
      mtu: 1450,
    }),
  ) as { name: string; plugins: Record<string, unknown>[] };
  t.equal(conflist.name, "raftsman-dev-node-1");
  t.match(conflist.plugins[0], {
    type: "ptp",
    ipMasq: false,
    mtu: 1450,
    ipam: {
      type: "host-local",
      dataDir: "/data/cni/networks",
      ranges: [[{ subnet: "10.244.7.0/24" }]],
    },
  });
  t.match(conflist.plugins[1], { type: "portmap", capabilities: { portMappings: true } });
  t.end();
});

t.test("table names are nftables identifiers", (t) => {
  t.equal(nftTableName("raftsman-dev-node-1", "services"), "raftsman_dev_node_1_services");
  const long = nftTableName(`raftsman-${"x".repeat(80)}`, "services");
  t.match(long, /^raftsman_[0-9a-f]{12}_services$/);
  t.end();
});

t.test("kernel settings are remembered once and put back", (t) => {
  const names = {
    redirects: "net.ipv4.conf.all.accept_redirects",
    forward: "net.ipv4.ip_forward",
    localnet: "net.ipv4.conf.all.route_localnet",
  };
  const fresh = new Map([
    [names.redirects, "1"],
    [names.forward, "0"],
    [names.localnet, "0"],
  ]);
  const first = planSysctls(fresh, []);
  t.same(
    first.write.map(({ name, after }) => [name, after]),
    [
      [names.forward, "1"],
      [names.localnet, "1"],
    ],
  );
  t.equal(first.journal.length, 3);
  const ready = new Map([
    [names.redirects, "0"],
    [names.forward, "1"],
    [names.localnet, "1"],
  ]);
  t.same(planSysctls(ready, first.journal).write, [], "the second run changes nothing");
  t.same(planSysctls(ready, []).journal, [], "what was right before is not ours to put back");
  // Somebody switched forwarding off in between: it is set again, and the first value is still the
  // one to restore.
  const again = planSysctls(new Map([...ready, [names.forward, "0"]]), first.journal);
  t.same(again.write.length, 1);
  t.same(again.journal, first.journal);
  t.same(
    planSysctlRestore(ready, first.journal).map(({ name, before }) => [name, before]),
    [
      [names.forward, "0"],
      [names.localnet, "0"],
      [names.redirects, "1"],
    ],
  );
  const changed: SysctlChange[] = [{ name: names.localnet, before: "0", after: "1" }];
  t.same(planSysctlRestore(new Map([[names.localnet, "2"]]), changed), []);
  t.end();
});

t.test("chains that drop forwarded packets by policy", (t) => {
  const chain = (family: string, table: string, rest: object): object => ({
    chain: { family, table, name: "FORWARD", ...rest },
  });
  const listing = JSON.stringify({
    nftables: [
      { metainfo: {} },
      chain("ip", "filter", { hook: "forward", policy: "drop" }),
      chain("inet", "firewalld", { hook: "forward", policy: "drop" }),
      chain("ip6", "filter", { hook: "forward", policy: "drop" }),
      chain("ip", "other", { hook: "forward", policy: "accept" }),
      chain("ip", "other", { hook: "input", policy: "drop" }),
      chain("ip", "plain", {}),
    ],
  });
  t.same(
    findDroppingChains(listing).map(({ table, canExcept }) => [table, canExcept]),
    [
      ["filter", true],
      ["firewalld", false],
    ],
  );
  t.end();
});

t.test("routes change only where they differ", (t) => {
  const options = { clusterCidr: "10.244.0.0/16", protocol: "201" };
  const a = { podCidr: "10.244.1.0/24", via: "10.0.0.1" };
  const b = { podCidr: "10.244.2.0/24", via: "10.0.0.2" };
  const cases = [
    { name: "nothing to do", present: [a, b], wanted: [b, a], commands: [] },
    {
      name: "a new node",
      present: [a],
      wanted: [a, b],
      commands: ["route replace 10.244.2.0/24 via 10.0.0.2 proto 201"],
    },
    {
      name: "a node with another address",
      present: [a],
      wanted: [{ ...a, via: "10.0.0.9" }],
      commands: ["route replace 10.244.1.0/24 via 10.0.0.9 proto 201"],
    },
    {
      name: "a node that left",
      present: [a, b],
      wanted: [a],
      commands: ["route del 10.244.2.0/24 via 10.0.0.2 proto 201"],
    },
    {
      name: "another cluster's route on the same host",
      present: [{ podCidr: "10.245.1.0/24", via: "10.0.0.1" }],
      wanted: [],
      commands: [],
    },
  ];
  for (const { name, present, wanted, commands } of cases)
    t.same(planRoutes(present, wanted, options), commands, name);
  t.end();
});

t.test("what a Node says about its route", (t) => {
  const addresses = [
    { type: "Hostname", address: "node-1" },
    { type: "InternalIP", address: "10.0.0.1" },
  ];
  const metadata = { name: "node-1" };
  t.same(routedNodeOf({ metadata, spec: { podCIDR: "10.244.1.0/24" }, status: { addresses } }), {
    name: "node-1",
    route: { podCidr: "10.244.1.0/24", via: "10.0.0.1" },
  });
  t.equal(routedNodeOf({ metadata, spec: {}, status: { addresses } }).route, null);
  t.equal(routedNodeOf({ metadata, spec: { podCIDR: "10.244.1.0/24" } }).route, null);
  const evil = [{ type: "InternalIP", address: "10.0.0.1 dev eth0" }];
  t.equal(
    routedNodeOf({ metadata, spec: { podCIDR: "10.244.1.0/24" }, status: { addresses: evil } })
      .route,
    null,
    "what is not an address never reaches the command",
  );
  t.end();
});

t.test("ranges", (t) => {
  t.equal(isWithin("10.244.1.0/24", "10.244.0.0/16"), true);
  t.equal(isWithin("10.244.255.255", "10.244.0.0/16"), true);
  t.equal(isWithin("10.245.0.0/24", "10.244.0.0/16"), false);
  t.equal(isWithin("10.0.0.0/8", "10.244.0.0/16"), false);
  t.equal(isWithin("255.255.255.255", "0.0.0.0/0"), true);
  for (const bad of [
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.0/33",
    "10.0.0.0/8/8",
    "10.0.0.0/x",
    "fd00::/8",
  ])
    t.equal(parseCidr(bad), null, bad);
  t.end();
});
