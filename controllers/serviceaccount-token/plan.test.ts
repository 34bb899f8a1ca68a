import t from "tap";
import type { Secret, ServiceAccount } from "../../api/schema/types/core-v1.gen.js";
import { ACCOUNT_UID, base64, filledSecret, planTokenSecret } from "./plan.js";

const metadata = {
  name: "builder",
  namespace: "default",
  uid: "account-uid",
  resourceVersion: "1",
  creationTimestamp: "2026-01-01T00:00:00Z",
};
const account: ServiceAccount = { apiVersion: "v1", kind: "ServiceAccount", metadata };
const secret = (more: Partial<Secret> = {}, annotations = {}): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  type: "kubernetes.io/service-account-token",
  metadata: {
    ...metadata,
    name: "token",
    annotations: { "kubernetes.io/service-account.name": "builder", ...annotations },
  },
  ...more,
});
const caBase64 = base64("ca");
const world = { account, caBase64 };

void t.test("a Secret is filled once and then left alone", (t) => {
  t.strictSame(planTokenSecret(secret(), world), { action: "fill", needsToken: true });
  const filled = filledSecret(secret(), { ...world, token: "t" });
  t.match(filled, {
    metadata: { annotations: { [ACCOUNT_UID]: "account-uid" } },
    data: { token: base64("t"), namespace: base64("default"), "ca.crt": caBase64 },
  });
  t.strictSame(planTokenSecret(filled, world), { action: "keep" });
  const other = planTokenSecret(filled, { account, caBase64: base64("new") });
  t.strictSame(other, { action: "fill", needsToken: false }, "the authority changed");
  t.equal(filledSecret(filled, { ...world, token: null }).data?.["token"], base64("t"));
  t.end();
});

void t.test("a Secret goes with its account", (t) => {
  const gone = { account: null, caBase64 };
  t.strictSame(planTokenSecret(secret(), gone), { action: "delete" });
  const ofAnother = secret({}, { [ACCOUNT_UID]: "before" });
  t.strictSame(planTokenSecret(ofAnother, world), { action: "delete" }, "another of that name");
  const going = {
    ...secret(),
    metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
  };
  t.strictSame(planTokenSecret(going, gone), { action: "keep" });
  t.end();
});
