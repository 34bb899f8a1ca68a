import t from "tap";
import { parse, stringify } from "yaml";
import { decodeProtobuf, encodeProtobuf } from "../../api/schema/protobuf.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { type ListParts, protobufList, yamlList } from "./list-parts.js";

const HEAD = {
  apiVersion: "v1",
  kind: "ConfigMapList",
  metadata: { resourceVersion: "7", continue: "abc", remainingItemCount: 3 },
};

function configMap(name: string, data: Readonly<Record<string, string>>): KubernetesObject {
  const meta = { name, namespace: "default", uid: "u", resourceVersion: "5" };
  const metadata = { ...meta, creationTimestamp: "2026-01-02T03:04:05Z" };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubernetesObject;
}

function composed(parts: ListParts, objects: readonly KubernetesObject[]): Buffer {
  const elements = objects.map((object) => parts.element(object));
  const sizeBytes = elements.reduce((sum, { length }) => sum + length, 0);
  const { head, tail } = parts.frame(HEAD, { count: objects.length, sizeBytes });
  return Buffer.concat([head, ...elements, tail]);
}

const SOME = [
  configMap("a", { text: "line\nline: 2\n", octal: "0644", on: "yes" }),
  configMap("b", { empty: "", long: "x ".repeat(20_000) }),
  configMap("c", {}),
];

void t.test("a list in parts is the list in one piece", (t) => {
  for (const objects of [[], SOME.slice(0, 1), SOME]) {
    const whole = { ...HEAD, items: objects };
    const text = composed(yamlList("items"), objects).toString();
    t.same(parse(text, { version: "1.1" }), whole, `${objects.length} in YAML`);
    t.same(parse(text), parse(stringify(whole, { version: "1.1", lineWidth: 0 })));
    const bytes = composed(protobufList("core/v1.ConfigMap"), objects);
    t.ok(bytes.equals(encodeProtobuf(null, whole)), `${objects.length} in protobuf`);
    t.match(decodeProtobuf(bytes), { kind: "ConfigMapList", apiVersion: "v1" });
  }
  t.end();
});
