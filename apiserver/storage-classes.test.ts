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
