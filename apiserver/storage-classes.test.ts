import t from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const CLASSES = "/apis/storage.k8s.io/v1/storageclasses";
const CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims";
const DEFAULT = { "storageclass.kubernetes.io/is-default-class": "true" };

async function makeClass(name: string, annotations: JsonObject = {}): Promise<void> {
  const body = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, annotations },
    provisioner: "example.com/disks",
  };
  const { status } = await server.send("POST", CLASSES, { body });
  if (status !== 201) throw new Error(`StorageClass ${name}: ${status}`);
}

/** The class that a new claim has; undefined for none. */
async function classOf(name: string, spec: JsonObject, annotations: JsonObject = {}) {
  const body = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, annotations },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      ...spec,
    },
  };
  // A list is of the newest state: from then on the cache has it.
  await server.send("GET", CLASSES);
  const answer = await server.send("POST", CLAIMS, { body });
  if (answer.status !== 201) throw new Error(`claim ${name}: ${answer.status}`);
  return (answer.body["spec"] as JsonObject)["storageClassName"];
}

void t.test("a claim that names no class gets the default one", async (t) => {
  t.equal(await classOf("first", {}), "local-path", "that of every new cluster");
  await server.send("DELETE", `${CLASSES}/local-path`);
  await makeClass("plain");
  t.equal(await classOf("early", {}), undefined, "there is none");
  await makeClass("standard", DEFAULT);
  t.equal(await classOf("wanting", {}), "standard");
  t.equal(await classOf("naming", { storageClassName: "plain" }), "plain");
  t.equal(await classOf("refusing", { storageClassName: "" }), "", "none is a name too");
  const old = { "volume.beta.kubernetes.io/storage-class": "plain" };
  t.equal(await classOf("old", {}, old), undefined);
  const patch = { metadata: { annotations: { ...DEFAULT } } };
  const headers = { "content-type": "application/merge-patch+json" };
  await server.send("PATCH", `${CLASSES}/plain`, { body: patch, headers });
  await server.send("DELETE", `${CLASSES}/standard`);
  t.equal(await classOf("later", {}), "plain");
});

void t.test("a claim and a volume are kept while they are used", async (t) => {
  const claim = await server.send("GET", `${CLAIMS}/first`);
  t.match(claim.body, { metadata: { finalizers: ["kubernetes.io/pvc-protection"] } });
  const body = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "v", finalizers: ["example.com/own"] },
    spec: {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      hostPath: { path: "/data" },
    },
  };
  const volume = await server.send("POST", "/api/v1/persistentvolumes", { body });
  const finalizers = ["example.com/own", "kubernetes.io/pv-protection"];
  t.match(volume.body, { metadata: { finalizers } });
});

void t.test("a claim asks for more only where its class lets volumes grow", async (t) => {
  const headers = { "content-type": "application/merge-patch+json" };
  const grow = (storage: string) =>
    server.send("PATCH", `${CLAIMS}/naming`, {
      body: { spec: { resources: { requests: { storage } } } },
      headers,
    });
  const early = await grow("2Gi");
  t.equal(early.status, 422, "what is not bound does not grow");
  const status = { phase: "Bound", capacity: { storage: "1Gi" } };
  await server.send("PATCH", `${CLAIMS}/naming/status`, { body: { status }, headers });
  const refused = await grow("2Gi");
  t.equal(refused.status, 403);
  t.match(refused.body, {
    message: /the storageclass that provisions the pvc must support resize/,
  });
  const body = { allowVolumeExpansion: true };
  await server.send("PATCH", `${CLASSES}/plain`, { body, headers });
  await server.send("GET", CLASSES);
  t.equal((await grow("2Gi")).status, 200);
});
