import { parseDocument } from "yaml";
import { validateDns1123Subdomain } from "../../api/machinery/names.js";
import { decodeValue } from "../../api/schema/decode.js";
import { applyDefaults } from "../../api/schema/defaults.js";
import type { Node, Pod, Toleration } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue, NewObject } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";
import { objectReferences } from "./object-references.js";
import { CONFIG_SOURCE } from "./pod-role.js";

const CONFIG_HASH = "kubernetes.io/config.hash";
const CONFIG_SEEN = "kubernetes.io/config.seen";
const CONFIG_MIRROR = "kubernetes.io/config.mirror";
const POD_TYPE = { typeName: "core/v1.Pod" } as const;
/** What the cluster thinks of the node does not drive its own pods away. */
const STAYS: Toleration = { operator: "Exists", effect: "NoExecute" };

/** A manifest and where it is from. */
export interface Manifest {
  readonly path: string;
  readonly text: string;
}

/** What makes a pod of a manifest. */
export interface StaticPodContext {
  readonly nodeName: string;
  /** RFC 3339: when the manifest was first seen. */
  readonly now: string;
  /** 32 hexadecimal digits of a text. */
  readonly hash: (text: string) => string;
}

/** The pod of a manifest, or why there is none. */
export type StaticPodResult =
  | { readonly ok: true; readonly pod: Pod }
  | { readonly ok: false; readonly reason: string };

/**
 * The pod that a manifest (YAML or JSON, one Pod) describes, as the node runs it: named after the
 * node too, with a uid that changes whenever the text does. Such a pod must do without the API:
 * what it may not name is what the API server refuses in its mirror.
 */
export function parseStaticPod(manifest: Manifest, context: StaticPodContext): StaticPodResult {
  const read = readYaml(manifest.text);
  if ("reason" in read) return refused(read.reason);
  const { value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refused("it holds no object");
  const { apiVersion, kind } = value as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (apiVersion !== "v1" || kind !== "Pod")
    return refused(`it is ${String(apiVersion)} ${String(kind)}, and not v1 Pod`);
  const decoded = decodeValue(value, POD_TYPE.typeName);
  const wrong = decoded.syntaxError ?? decoded.typeErrors[0] ?? decoded.unknownFields[0];
  if (wrong !== undefined) return refused(wrong);
  const pod = applyDefaults(POD_TYPE, decoded.object as unknown as Pod);
  const reason = whyUnfit(pod);
  return reason === null ? { ok: true, pod: onNode(pod, manifest, context) } : refused(reason);
}

/** YAML 1.1, as Kubernetes reads it: `yes` is true; what looks like a time is a text. */
function readYaml(text: string): { readonly value: JsonValue } | { readonly reason: string } {
  const document = parseDocument(text, {
    version: "1.1",
    customTags: (tags) =>
      tags.filter((tag) => typeof tag !== "object" || tag.tag !== "tag:yaml.org,2002:timestamp"),
  });
  const [error] = document.errors;
  if (error !== undefined) return { reason: error.message.split("\n")[0] ?? "" };
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as JsonValue };
  } catch (failure) {
    return { reason: messageOf(failure) };
  }
}

function refused(reason: string): StaticPodResult {
  return { ok: false, reason };
}

function whyUnfit(pod: Pod): string | null {
  const { name = "" } = pod.metadata as Partial<Pod["metadata"]>;
  if (name === "") return "metadata.name is missing";
  const [wrongName] = validateDns1123Subdomain(name);
  if (wrongName !== undefined) return `metadata.name ${JSON.stringify(name)}: ${wrongName}`;
  if (pod.spec.containers.length === 0) return "spec.containers is missing";
  const { secrets, configMaps } = objectReferences(pod);
  const volumes = pod.spec.volumes ?? [];
  const account = pod.spec.serviceAccountName ?? "";
  const named: readonly (readonly [boolean, string])[] = [
    [account !== "", "a service account"],
    [secrets.size > 0, "secrets"],
    [configMaps.size > 0, "configmaps"],
    [volumes.some((it) => it.persistentVolumeClaim !== undefined), "persistentvolumeclaims"],
    [(pod.spec.resourceClaims ?? []).length > 0, "resourceclaims"],
  ];
  const what = named.find(([is]) => is)?.[1];
  return what === undefined ? null : `a static pod cannot name ${what}`;
}

function onNode(pod: Pod, manifest: Manifest, context: StaticPodContext): Pod {
  const { nodeName, hash, now } = context;
  const { name, namespace = "", labels, annotations = {} } = pod.metadata;
  const uid = hash(JSON.stringify([nodeName, manifest.path, manifest.text]));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-${nodeName}`,
      namespace: namespace === "" ? "default" : namespace,
      uid,
      resourceVersion: "0",
      creationTimestamp: now,
      ...(labels === undefined ? {} : { labels }),
      annotations: {
        ...annotations,
        [CONFIG_HASH]: uid,
        [CONFIG_SEEN]: now,
        [CONFIG_SOURCE]: "file",
      },
    },
    spec: { ...pod.spec, nodeName, tolerations: [...(pod.spec.tolerations ?? []), STAYS] },
    status: { phase: "Pending" },
  };
}

/** True for the API's likeness of a static pod: it shows a pod, and is none. */
export function isMirrorPod(pod: Pod): boolean {
  return mirroredUid(pod) !== null;
}

/** The uid of the static pod whose likeness this is; null: it is a pod of its own. */
export function mirroredUid({ metadata }: Pod): string | null {
  return metadata.annotations?.[CONFIG_MIRROR] ?? null;
}

/** What the API is to show of a static pod; it belongs to the node. */
export function mirrorOf(pod: Pod, node: Node): NewObject<Pod> {
  const { name, namespace, labels, annotations, uid } = pod.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [CONFIG_MIRROR]: uid },
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Node",
          name: node.metadata.name,
          uid: node.metadata.uid,
          controller: true,
        },
      ],
    },
    spec: pod.spec,
  };
}

/** What is to be done about a mirror. */
export type MirrorStep = "none" | "create" | "delete";

/**
 * What brings the API's likeness in line with the static pod (null: there is none any more). One
 * that somebody deletes, or that shows an older manifest, goes first and is made anew. A pod of the
 * same name that is no mirror stays.
 */
export function planMirror(pod: Pod | null, present: Pod | null): MirrorStep {
  if (present === null) return pod === null ? "none" : "create";
  const shows = mirroredUid(present);
  if (shows === null) return "none";
  const right = pod?.metadata.uid === shows && present.metadata.deletionTimestamp === undefined;
  return right ? "none" : "delete";
}
