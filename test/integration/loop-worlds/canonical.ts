import type { KubernetesObject } from "../../../api/schema/wire-types.js";

const VOLATILE = new Set(["uid", "resourceVersion", "managedFields", "podIPs"]);
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** Certificates and tokens, as fields of bytes hold them. */
const PEM = /^LS0tLS1CRUdJTi[A-Za-z0-9+/=]+$/;
const TOKEN = /^ZXlKaGJHY2[A-Za-z0-9+/=]+$/;
const ADDRESS = /\b10\.\d+\.\d+\.\d+\b/g;

/**
 * What two runs of the same story must have in common at the end: all objects of a world without
 * what differs by nature (uids, versions, times, addresses, names drawn by lot), in a fixed order.
 */
export function canonical(objects: readonly KubernetesObject[], world: string): readonly string[] {
  const drawn = new Map<string, string>();
  for (const { metadata } of objects) {
    const { name, generateName = "" } = metadata;
    if (generateName !== "" && name.startsWith(generateName)) drawn.set(name, `${generateName}*`);
  }
  const text = (value: string): string => {
    let known = value;
    for (const [name, replacement] of drawn) known = known.replaceAll(name, replacement);
    return known
      .replaceAll(world, "WORLD")
      .replaceAll(Buffer.from(world).toString("base64"), "WORLD")
      .replaceAll(TIME, "TIME")
      .replaceAll(UUID, "UID")
      .replaceAll(ADDRESS, "ADDRESS")
      .replace(PEM, "PEM")
      .replace(TOKEN, "TOKEN");
  };
  return objects.map((object) => JSON.stringify(plain(withGenerations(object), text))).sort();
}

/** How often a spec was written is nobody's business; whether the last one was seen is. */
function withGenerations(object: KubernetesObject): unknown {
  const { generation, ...metadata } = object.metadata;
  const { status, ...rest } = object as KubernetesObject & {
    readonly status?: { readonly observedGeneration?: number };
  };
  if (status?.observedGeneration === undefined) return { ...rest, metadata, status };
  const isSeen = status.observedGeneration === generation;
  return { ...rest, metadata, status: { ...status, observedGeneration: isSeen } };
}

function plain(value: unknown, text: (value: string) => string): unknown {
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item, text));
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, item]) => !VOLATILE.has(key) && item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]): [string, unknown] => [text(key), plain(item, text)]);
  return Object.fromEntries(entries);
}
