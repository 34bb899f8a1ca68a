import t from "tap";
import type { PodSpec } from "../../api/schema/types/core-v1.gen.js";
import { aContainer, aPod } from "./plan-fixtures.js";
import { planHostAdmission, sysctlName, unsafeSysctlProblem } from "./host-admission.js";

const sysctl = (name: string, more: Partial<PodSpec> = {}): Partial<PodSpec> => ({
  ...more,
  securityContext: { sysctls: [{ name, value: "1" }] },
});
const profile = { appArmorProfile: { type: "RuntimeDefault" } };

const CASES: readonly (readonly [string, Partial<PodSpec>, string | null])[] = [
  ["none", {}, null],
  ["a safe one", sysctl("net.ipv4.tcp_syncookies"), null],
  ["written with slashes", sysctl("net/ipv4/tcp_syncookies"), null],
  ["of the whole node", sysctl("vm.swappiness"), '"vm.swappiness" not allowlisted'],
  ["an unsafe one", sysctl("kernel.sem"), '"kernel.sem" not allowlisted'],
  ["allowed by name", sysctl("net.core.somaxconn"), null],
  [
    "not by the beginning of a name",
    sysctl("net.core.somaxconn2"),
    '"net.core.somaxconn2" not allowlisted',
  ],
  ["allowed by a pattern", sysctl("kernel.msgmax"), null],
  [
    "in the host's network",
    sysctl("net.ipv4.tcp_syncookies", { hostNetwork: true }),
    '"net.ipv4.tcp_syncookies" not allowed with host Net enabled',
  ],
  [
    "among the host's processes",
    sysctl("kernel.shm_rmid_forced", { hostIPC: true }),
    '"kernel.shm_rmid_forced" not allowed with host IPC enabled',
  ],
];

void t.test("sysctls", async (t) => {
  const features = { appArmor: false, allowedUnsafeSysctls: ["net/core/somaxconn", "kernel.msg*"] };
  for (const [name, spec, problem] of CASES) {
    const found = planHostAdmission(aPod(spec), features);
    const message = `forbidden sysctl: ${problem}`;
    t.same(found, problem === null ? null : { reason: "SysctlForbidden", message }, name);
  }
  t.equal(sysctlName("net/ipv4/conf/eth0.1/forwarding"), "net.ipv4.conf.eth0/1.forwarding");
  t.equal(unsafeSysctlProblem("net.*"), null);
  t.equal(unsafeSysctlProblem("kernel/msg*"), null);
  t.match(unsafeSysctlProblem("vm.swappiness"), /for itself/);
  t.match(unsafeSysctlProblem("*"), /no name/);
});

void t.test("AppArmor", async (t) => {
  const without = { appArmor: false, allowedUnsafeSysctls: [] };
  const rejected = {
    reason: "AppArmor",
    message: "Cannot enforce AppArmor: AppArmor is not enabled on the host",
  };
  const own = aContainer("main", { securityContext: profile });
  const none = { appArmorProfile: { type: "Unconfined" } };
  t.same(planHostAdmission(aPod({ securityContext: profile }), without), rejected);
  t.same(planHostAdmission(aPod({ containers: [own] }), without), rejected);
  t.equal(planHostAdmission(aPod({ securityContext: none }), without), null);
  t.equal(planHostAdmission(aPod({ containers: [own] }), { ...without, appArmor: true }), null);
});
