import t from "tap";
import { CLUSTER_ROLES } from "../../api/client/resource-types.js";
import { ControlPlane } from "./control-plane.js";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const kubectl = (...args: string[]) => plane.server.kubectl("1.33", args);

await t.test("what the roles for people come to once they are aggregated", async (t) => {
  await plane.until(CLUSTER_ROLES, (roles) =>
    ["view", "edit", "admin"].every((name) =>
      roles.some(({ metadata, rules = [] }) => metadata.name === name && rules.length > 0),
    ),
  );
  for (const role of ["view", "edit", "admin"])
    await kubectl("create", "rolebinding", role, `--clusterrole=${role}`, `--user=${role}r`);
  const cases: readonly [verb: string, resource: string, who: readonly string[]][] = [
    ["list", "podpresets.settings.k8s.io", ["view", "edit", "admin"]],
    ["create", "podpresets.settings.k8s.io", ["edit", "admin"]],
    ["deletecollection", "podpresets.settings.k8s.io", ["edit", "admin"]],
    ["list", "secrets", ["edit", "admin"]],
    ["create", "rolebindings.rbac.authorization.k8s.io", ["admin"]],
    ["create", "certificatesigningrequests.certificates.k8s.io", []],
  ];
  for (const [verb, resource, who] of cases)
    for (const role of ["view", "edit", "admin"]) {
      const asked = await kubectl("auth", "can-i", verb, resource, `--as=${role}r`);
      const wanted = who.includes(role) ? "yes" : "no";
      t.equal(asked.stdout.trim().split("\n").at(-1), wanted, `${role}: ${verb} ${resource}`);
    }
});
