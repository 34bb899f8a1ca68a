import t from "tap";
import type { ConfigMap, Namespace } from "../../api/schema/types/core-v1.gen.js";
import { ago, meta } from "../common/test-objects.js";
import { planRootCa, ROOT_CA_NAME } from "./root-ca-loop.js";

const namespace = (more: Partial<Namespace["metadata"]> = {}): Namespace => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: meta("n", more),
  spec: {},
});

void t.test("the CA is published, repaired and left alone", (t) => {
  const caPem = "CA";
  const { create } = planRootCa(namespace(), { current: undefined, caPem });
  t.match(create, { metadata: { name: ROOT_CA_NAME, namespace: "n" }, data: { "ca.crt": "CA" } });
  const { annotations = {} } = create?.metadata ?? {};
  const current: ConfigMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: meta(ROOT_CA_NAME, { namespace: "n", annotations }),
    data: { "ca.crt": "CA" },
  };
  const nothing = { create: null, update: null };
  t.strictSame(planRootCa(namespace(), { current, caPem }), nothing);
  const spoilt = { ...current, data: { "ca.crt": "other" } };
  t.match(planRootCa(namespace(), { current: spoilt, caPem }).update, { data: { "ca.crt": "CA" } });
  const going = namespace({ deletionTimestamp: ago(1) });
  t.strictSame(planRootCa(going, { current: undefined, caPem }), nothing);
  t.end();
});
