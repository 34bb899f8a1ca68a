import t from "tap";
import type { KubernetesObject } from "../schema/wire-types.js";
import {
  BY_CONTROLLER_UID,
  BY_LABEL,
  BY_NAMESPACE,
  byControllerUid,
  byLabel,
  byNamespace,
  Indexer,
  labelValue,
  orphansOf,
} from "./indexer.js";
import { keyOf, objectKey } from "./object-key.js";

function object(
  namespace: string,
  name: string,
  more: Partial<KubernetesObject["metadata"]> = {},
): KubernetesObject {
  const metadata = { uid: name, resourceVersion: "1", creationTimestamp: "", name, namespace };
  return { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, ...more } };
}
const names = (objects: readonly KubernetesObject[]): string[] =>
  objects.map(({ metadata }) => metadata.name).sort();

void t.test("an object is found by key and by every index", (t) => {
  const indexer = new Indexer<KubernetesObject>();
  indexer.addIndex(BY_NAMESPACE, byNamespace);
  indexer.set(object("a", "1", { labels: { app: "x" } }));
  indexer.set(object("a", "2"));
  indexer.addIndex(BY_LABEL, byLabel); // Also over what is there already.
  indexer.set(object("b", "3", { labels: { app: "x" } }));
  t.strictSame(names(indexer.byIndex(BY_NAMESPACE, "a")), ["1", "2"]);
  t.strictSame(names(indexer.byIndex(BY_LABEL, labelValue("a", "app", "x"))), ["1"]);
  t.equal(indexer.countByIndex(BY_LABEL, labelValue("b", "app", "x")), 1);
  t.strictSame(indexer.byIndex(BY_NAMESPACE, "none"), []);
  t.equal(indexer.get(objectKey("b", "3"))?.metadata.name, "3");
  t.end();
});

void t.test("an object moves between the values of an index", (t) => {
  const indexer = new Indexer<KubernetesObject>();
  indexer.addIndex(BY_CONTROLLER_UID, byControllerUid);
  const owner = { apiVersion: "v1", kind: "X", name: "o", uid: "owner", controller: true };
  indexer.set(object("a", "1"));
  t.strictSame(names(indexer.byIndex(BY_CONTROLLER_UID, orphansOf("a"))), ["1"]);
  const old = indexer.set(object("a", "1", { ownerReferences: [owner] }));
  t.equal(old?.metadata.ownerReferences, undefined, "the object before is returned");
  t.strictSame(names(indexer.byIndex(BY_CONTROLLER_UID, orphansOf("a"))), []);
  t.strictSame(names(indexer.byIndex(BY_CONTROLLER_UID, "owner")), ["1"]);
  indexer.delete(keyOf(object("a", "1")));
  t.strictSame(names(indexer.byIndex(BY_CONTROLLER_UID, "owner")), []);
  t.equal(indexer.size, 0);
  t.end();
});

void t.test("an unknown index and a second function of one name are our bugs", (t) => {
  const indexer = new Indexer<KubernetesObject>();
  t.throws(() => indexer.byIndex("none", "x"));
  indexer.addIndex(BY_NAMESPACE, byNamespace);
  indexer.addIndex(BY_NAMESPACE, byNamespace);
  t.throws(() => indexer.addIndex(BY_NAMESPACE, () => []));
  t.end();
});
