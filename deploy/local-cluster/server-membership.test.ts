import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { planCluster } from "./cluster-plan.js";
import type { HostState } from "./cluster-state.js";
import { adminPkiOf } from "./cluster-status.js";
import { layoutOf } from "./layout.js";
import { recordProcess } from "./process-record.js";
import { ServerMembership } from "./server-membership.js";

function clusterFor(t: { teardown(run: () => void): void }) {
  const home = mkdtempSync(join(tmpdir(), "raftsman-membership-"));
  t.teardown(() => rmSync(home, { recursive: true, force: true }));
  const layout = layoutOf(home, "dev");
  const wanted = { name: "dev", servers: 3, nodes: 0, serverNodes: false, registryMirrors: {} };
  const facts = { address: "127.0.0.1", freePorts: [1, 2, 3, 4, 5, 6], subnet: null };
  const state = planCluster({ ...wanted, runtime: "hollow" }, facts);
  const membership = new ServerMembership(layout, state);
  const [first, second, third] = state.hosts as [HostState, HostState, HostState];
  const becomesMember = (...hosts: readonly HostState[]): void => {
    for (const { name } of hosts) {
      const store = join(layout.host(name).data, "store");
      mkdirSync(store, { recursive: true });
      writeFileSync(join(store, "identity.json"), "{}");
    }
  };
  const runs = ({ name }: HostState): void => {
    mkdirSync(layout.host(name).run, { recursive: true });
    recordProcess(layout.host(name).run, "consensus", process.pid);
  };
  return { layout, membership, hosts: [first, second, third] as const, becomesMember, runs };
}

t.test("the first server founds the group, but never beside one that is there", (t) => {
  const { layout, membership, hosts, becomesMember } = clusterFor(t);
  const [first, second] = hosts;
  t.ok(membership.founds(first));
  t.notOk(membership.founds(second));
  becomesMember(first, second);
  t.notOk(membership.founds(first), "it is a member");
  rmSync(layout.host(first.name).data, { recursive: true });
  t.notOk(membership.isMember(first));
  t.notOk(membership.founds(first), "it lost its disk: it joins");
  t.end();
});

t.test("a server can get ready when most of the members run", (t) => {
  const { membership, hosts, becomesMember, runs } = clusterFor(t);
  const [first, second, third] = hosts;
  t.ok(membership.hasMajority(), "nobody is a member yet");
  becomesMember(first);
  t.notOk(membership.hasMajority());
  runs(first);
  t.ok(membership.hasMajority(), "alone in its group");
  becomesMember(second, third);
  t.notOk(membership.hasMajority(), "one of three");
  runs(third);
  t.ok(membership.hasMajority(), "two of three");
  t.end();
});

t.test("the administrator's keys are any server's that has them", (t) => {
  const { layout, hosts } = clusterFor(t);
  const [first, , third] = hosts;
  t.equal(
    adminPkiOf(layout),
    join(layout.host(first.name).data, "pki"),
    "the first will have them",
  );
  const pki = join(layout.host(third.name).data, "pki");
  mkdirSync(pki, { recursive: true });
  for (const file of ["ca.key", "admin.key"]) writeFileSync(join(pki, file), "");
  t.not(adminPkiOf(layout), pki, "not yet whole");
  writeFileSync(join(pki, "admin.crt"), "");
  t.equal(adminPkiOf(layout), pki);
  t.end();
});
