import { forbidden } from "../../api/machinery/status.js";
import type { TokenRequest } from "../../api/schema/types/authentication-v1.gen.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { nodeNameOf } from "../auth/identity.js";
import { mirrorOwnerError, mirrorReferenceError } from "./mirror-pods.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
/** Labels by which an operator says what may run on a node: a node cannot give them to itself. */
const RESTRICTED_PREFIX = "node-restriction.kubernetes.io/";
const PODS = { group: "", resource: "pods" };
const NODES = { group: "", resource: "nodes" };

/** An agent speaks for its own node and for the pods that run there, and for nothing else. */
export class NodeRestriction implements AdmissionPlugin {
  readonly name = "NodeRestriction";
  private readonly newest: ObjectReader;

  /** `newest` asks the store itself. */
  constructor(newest: ObjectReader) {
    this.newest = newest;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const nodeName = nodeNameOf(attributes.identity);
    if (nodeName === null || attributes.operation === "CONNECT") return;
    switch (attributes.kind.kind) {
      case "Pod":
        if (attributes.subresource === "eviction") return this.checkEviction(attributes, nodeName);
        checkPod(attributes, nodeName);
        return this.checkMirror(attributes, nodeName);
      case "ServiceAccount":
        return this.checkToken(attributes, nodeName);
      case "Node":
        checkName(attributes, nodeName);
        return checkLabels(attributes, nodeName);
      case "Lease":
        return checkName(attributes, nodeName);
      default:
    }
  }

  /**
   * What a node makes shows a pod that runs there without the API: it is the node's, and names
   * nothing that a node may not read of its own accord.
   */
  private async checkMirror(attributes: AdmissionAttributes, nodeName: string): Promise<void> {
    if (attributes.operation !== "CREATE" || attributes.subresource !== "") return;
    const pod = attributes.object as Pod;
    const wrong = mirrorOwnerError(pod, nodeName) ?? mirrorReferenceError(pod);
    if (wrong !== null) refuse(attributes, `node "${nodeName}" ${wrong}`);
    const node = (await this.newest.get(NODES, { namespace: "", name: nodeName })) as Node | null;
    const [owner] = pod.metadata.ownerReferences ?? [];
    if (node === null || node.metadata.uid === owner?.uid) return;
    refuse(attributes, `node UID mismatch: expected ${owner?.uid} got ${node.metadata.uid}`);
  }

  /** What is sent is the eviction: whose pod it is has to be looked up. */
  private async checkEviction(attributes: AdmissionAttributes, nodeName: string): Promise<void> {
    const { namespace, name } = attributes;
    const pod = (await this.newest.get(PODS, { namespace, name })) as Pod | null;
    if (pod === null || pod.spec.nodeName === nodeName) return;
    refuse(attributes, `node "${nodeName}" can only evict pods with spec.nodeName set to itself`);
  }

  /** A token is for a pod that runs here, and ends with it. */
  private async checkToken(attributes: AdmissionAttributes, nodeName: string): Promise<void> {
    const { subresource, namespace, object } = attributes;
    if (subresource !== "token") return;
    const { boundObjectRef } = (object as unknown as TokenRequest).spec ?? {};
    const { kind = "", name = "", uid = "" } = boundObjectRef ?? {};
    if (kind !== "Pod" || name === "")
      return refuse(attributes, "node requested token not bound to a pod");
    if (uid === "")
      return refuse(attributes, "node requested token with a pod binding without a uid");
    const pod = (await this.newest.get(PODS, { namespace, name })) as Pod | null;
    if (pod?.metadata.uid !== uid)
      return refuse(attributes, "node requested token bound to a pod that does not exist");
    if (pod.spec.nodeName !== nodeName)
      refuse(attributes, "node requested token bound to a pod scheduled on a different node");
  }
}

function checkLabels(attributes: AdmissionAttributes, nodeName: string): void {
  const labels = (attributes.object as Node | null)?.metadata.labels ?? {};
  const old = (attributes.oldObject as Node | null)?.metadata.labels ?? {};
  const changed = [...new Set([...Object.keys(labels), ...Object.keys(old)])]
    .filter((label) => label.startsWith(RESTRICTED_PREFIX) && labels[label] !== old[label])
    .sort();
  if (changed.length === 0 || attributes.object === null) return;
  const text = `is not allowed to modify labels: ${changed.join(", ")}`;
  refuse(attributes, `node ${JSON.stringify(nodeName)} ${text}`);
}

function checkPod(attributes: AdmissionAttributes, nodeName: string): void {
  const { object, oldObject, operation } = attributes;
  if (operation === "CREATE" && object?.metadata.annotations?.[MIRROR_ANNOTATION] === undefined) {
    const text = `pod does not have "${MIRROR_ANNOTATION}" annotation, node "${nodeName}" can only`;
    refuse(attributes, `${text} create mirror pods`);
  }
  for (const pod of [object as Pod | null, oldObject as Pod | null]) {
    if (pod === null || pod.spec.nodeName === nodeName) continue;
    refuse(attributes, `node "${nodeName}" can only change pods with spec.nodeName set to itself`);
  }
}

function checkName(attributes: AdmissionAttributes, nodeName: string): void {
  const { object, oldObject, kind } = attributes;
  const name = (object ?? oldObject)?.metadata.name ?? attributes.name;
  if (name === nodeName) return;
  refuse(attributes, `node "${nodeName}" is not allowed to modify ${kind.plural} of other nodes`);
}

function refuse({ kind, name }: AdmissionAttributes, text: string): never {
  throw new ApiFailure(forbidden({ group: kind.group, resource: kind.plural }, name, text));
}
