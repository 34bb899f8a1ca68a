import t from "tap";
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  EVENTS,
  NAMESPACES,
  SECRETS,
  SERVICE_ACCOUNTS,
} from "../../api/client/resource-types.js";
import type { ConfigMap, Namespace } from "../../api/schema/types/core-v1.gen.js";
import type { ObjectMeta, OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import { ControlPlane } from "./control-plane.js";

/** What has to go goes, what must stay stays, and who waits says for what. */

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const maps = plane.client.resource(CONFIG_MAPS);

const make = (name: string, metadata: ObjectMeta = {}): Promise<ConfigMap> =>
  maps.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "default", ...metadata, name },
  });
const ownedBy = ({ metadata: { name, uid } }: ConfigMap): OwnerReference => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  name,
  uid,
  blockOwnerDeletion: true,
});
const remove = (name: string, propagationPolicy: "Background" | "Foreground"): Promise<void> =>
  maps.delete(name, { namespace: "default", propagationPolicy });
const untilGone = (...names: readonly string[]) =>
  plane.until(CONFIG_MAPS, (all) => all.every(({ metadata }) => !names.includes(metadata.name)));

await t.test("objects that own each other go together, in each way", async () => {
  for (const policy of ["Background", "Foreground"] as const) {
    const first = await make(`first-${policy.toLowerCase()}`);
    const second = await make(`second-${policy.toLowerCase()}`, {
      ownerReferences: [ownedBy(first)],
    });
    const patch = { metadata: { ownerReferences: [ownedBy(second)] } };
    const options = { namespace: "default", type: "merge" } as const;
    await maps.patch(first.metadata.name, patch as never, options);
    await remove(first.metadata.name, policy);
    await untilGone(first.metadata.name, second.metadata.name);
  }
});

await t.test("one owner of two is enough, and the other is no longer named", async (t) => {
  const [one, two] = [await make("one"), await make("two")];
  await make("both", { ownerReferences: [ownedBy(one), ownedBy(two)] });
  await remove("one", "Background");
  const all = await plane.until(CONFIG_MAPS, (maps) =>
    maps.some(({ metadata }) => metadata.name === "both" && metadata.ownerReferences?.length === 1),
  );
  const both = all.find(({ metadata }) => metadata.name === "both");
  t.equal(both?.metadata.ownerReferences?.[0]?.name, "two");
  await remove("two", "Background");
  await untilGone("both");
});

await t.test("an owner in another namespace is none, and an event says so", async (t) => {
  await plane.client
    .resource(NAMESPACES)
    .create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "elsewhere" }, spec: {} });
  const owner = await make("far", { namespace: "elsewhere" });
  const child = await make("near", { ownerReferences: [ownedBy(owner)] });
  const events = await plane.until(EVENTS, (all) =>
    all.some(({ reason }) => reason === "OwnerRefInvalidNamespace"),
  );
  t.match(
    events.find(({ reason }) => reason === "OwnerRefInvalidNamespace"),
    {
      type: "Warning",
      message:
        `ownerRef [v1/ConfigMap, namespace: default, name: far, uid: ${owner.metadata.uid}] ` +
        'does not exist in namespace "default"',
      involvedObject: { kind: "ConfigMap", name: "near", uid: child.metadata.uid },
    },
  );
  await untilGone("near");
});

await t.test("a namespace says what it waits for", async (t) => {
  const metadata = { name: "stuck" };
  const namespaces = plane.client.resource(NAMESPACES);
  await namespaces.create({ apiVersion: "v1", kind: "Namespace", metadata, spec: {} });
  await make("held", { namespace: "stuck", finalizers: ["example.com/hold"] });
  await namespaces.delete("stuck");
  const condition = (all: readonly Namespace[], type: string) =>
    all
      .find((one) => one.metadata.name === "stuck")
      ?.status?.conditions?.find((one) => one.type === type);
  const all = await plane.until(
    NAMESPACES,
    (seen) => condition(seen, "NamespaceFinalizersRemaining")?.status === "True",
  );
  t.match(condition(all, "NamespaceFinalizersRemaining"), {
    reason: "SomeFinalizersRemain",
    message:
      "Some content in the namespace has finalizers remaining: " +
      "example.com/hold in 1 resource instances",
  });
  t.match(condition(all, "NamespaceContentRemaining"), {
    status: "True",
    reason: "SomeResourcesRemain",
    message: "Some resources are remaining: configmaps. has 1 resource instances",
  });
  t.match(condition(all, "NamespaceDeletionDiscoveryFailure"), {
    status: "False",
    reason: "ResourcesDiscovered",
  });
  const options = { namespace: "stuck", type: "merge" } as const;
  await maps.patch("held", { metadata: { finalizers: null } }, options);
  await plane.until(NAMESPACES, (seen) => seen.every((one) => one.metadata.name !== "stuck"), {
    limitMs: 20_000,
  });
});

await t.test("a token that lies in a Secret is good as long as the Secret is there", async (t) => {
  const place = { namespace: "default" };
  await plane.client
    .resource(SERVICE_ACCOUNTS)
    .create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { ...place, name: "builder" } });
  const annotations = { "kubernetes.io/service-account.name": "builder" };
  await plane.client.resource(SECRETS).create({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/service-account-token",
    metadata: { ...place, name: "builder-token", annotations },
  });
  const [secret] = await plane.until(SECRETS, ([one]) => one?.data?.["token"] !== undefined);
  const token = Buffer.from(secret?.data?.["token"] ?? "", "base64").toString();
  const review = async () => {
    const path = "/apis/authentication.k8s.io/v1/tokenreviews";
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    return plane.client.request("POST", path, { body });
  };
  t.match(await review(), {
    status: { authenticated: true, user: { username: "system:serviceaccount:default:builder" } },
  });
  t.match(Buffer.from(secret?.data?.["ca.crt"] ?? "", "base64").toString(), /BEGIN CERTIFICATE/);
  await plane.client.resource(SERVICE_ACCOUNTS).delete("builder", place);
  await plane.until(SECRETS, (all) => all.length === 0);
  t.notMatch(await review(), { status: { authenticated: true } });
});

await t.test("objects of custom kinds own, are owned, and go with their definition", async (t) => {
  const type = {
    group: "example.com",
    version: "v1",
    kind: "Thing",
    plural: "things",
    namespaced: true,
  };
  const definitions = plane.client.resource(CUSTOM_RESOURCE_DEFINITIONS);
  await definitions.create({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      names: { plural: "things", kind: "Thing" },
      scope: "Namespaced",
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object" } },
        },
      ],
    },
  });
  const things = plane.client.resource(type);
  const thing = (name: string, metadata: ObjectMeta = {}) =>
    things.create({
      apiVersion: "example.com/v1",
      kind: "Thing",
      metadata: { namespace: "default", ...metadata, name },
    });
  const owner = await thing("owner");
  const { name, uid } = owner.metadata;
  const reference = { apiVersion: "example.com/v1", kind: "Thing", name, uid };
  await make("of-a-thing", { ownerReferences: [reference] });
  await thing("of-a-thing", { ownerReferences: [reference] });
  const map = await make("owner-of-a-thing");
  await thing("of-a-map", { ownerReferences: [ownedBy(map)] });
  await things.delete(name, { namespace: "default" });
  await untilGone("of-a-thing");
  await plane.until(type, (all) => all.length === 1);
  await remove("owner-of-a-thing", "Background");
  await plane.until(type, (all) => all.length === 0);
  await thing("last", { finalizers: ["example.com/hold"] });
  await definitions.delete("things.example.com");
  const all = await plane.until(CUSTOM_RESOURCE_DEFINITIONS, ([one]) =>
    (one?.status?.conditions ?? []).some((each) => each.type === "Terminating"),
  );
  t.equal(all.length, 1, "the definition waits for what holds its objects");
  const free = { metadata: { finalizers: null } };
  await things.patch("last", free, { namespace: "default", type: "merge" });
  await plane.until(CUSTOM_RESOURCE_DEFINITIONS, (left) => left.length === 0);
});
