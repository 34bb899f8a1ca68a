import { isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { kindByGvk, splitApiVersion } from "../../api/schema/kinds.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { inParallel } from "../common/slow-start.js";
import type { Result } from "../controller.js";
import {
  awaitsDependents,
  canOwn,
  FOREGROUND_FINALIZER,
  type GraphNode,
  type Identity,
  ORPHAN_FINALIZER,
  type OwnershipGraph,
} from "./ownership-graph.js";
import { type OwnerState, planDependent, planForeground } from "./plan.js";

/** What the reconciler works with. */
export interface GarbageCollectorDeps {
  readonly client: ApiClient;
  readonly graph: OwnershipGraph;
  /** The resource of a kind that a CustomResourceDefinition names; null: none does. */
  readonly customType: (apiVersion: string, kind: string) => ResourceType<KubernetesObject> | null;
  readonly recorder: EventRecorder;
  /** Asks for another look at an object. */
  readonly lookAt: (uid: string) => void;
}

const ABSENT_MAX = 10_000;
const ORPHAN_WIDTH = 32;

/** Deletes what has lost its owners, finishes foreground deletions, and sets dependents free. */
export class GarbageCollectorReconciler {
  private readonly deps: GarbageCollectorDeps;
  /** Uids of owners that the server said are not there; uids never come back. Oldest first. */
  private readonly absent = new Set<string>();

  constructor(deps: GarbageCollectorDeps) {
    this.deps = deps;
  }

  /** Looks at an object that may have to go. */
  async attemptToDelete(uid: string, signal: AbortSignal): Promise<Result> {
    const { graph } = this.deps;
    const node = graph.get(uid);
    if (node === undefined) return {};
    if (awaitsDependents(node)) return this.finishForeground(node, signal);
    if (node.deleting) return {};
    const live = await this.read(node, signal);
    if (live === null || live.metadata.deletionTimestamp !== undefined) return {};
    const references = live.metadata.ownerReferences ?? [];
    const owners: { reference: OwnerReference; state: OwnerState }[] = [];
    for (const reference of references)
      owners.push({ reference, state: await this.stateOf(node, reference, signal) });
    const plan = planDependent(node, owners, graph.dependentsOf(uid));
    if (plan.action === "release")
      await this.patchMetadata(node, { live, ownerReferences: plan.ownerReferences, signal });
    if (plan.action === "delete") {
      if (plan.unblock) {
        const ownerReferences = references.map((owner) => ({
          ...owner,
          blockOwnerDeletion: false,
        }));
        await this.patchMetadata(node, { live, ownerReferences, signal });
        // Seen again through its own event, with references that block nobody.
      }
      await this.delete(node, { live: plan.unblock ? null : live, policy: plan.policy, signal });
    }
    return {};
  }

  /**
   * Sets the dependents of an object free that is deleted with the policy Orphan, then lets it go.
   */
  async attemptToOrphan(uid: string, signal: AbortSignal): Promise<Result> {
    const node = this.deps.graph.get(uid);
    if (node === undefined || !node.deleting || !node.orphan) return {};
    const dependents = this.deps.graph.dependentsOf(uid);
    await inParallel(dependents, ORPHAN_WIDTH, async (dependent) => {
      const live = await this.read(dependent, signal);
      if (live === null) return;
      const before = live.metadata.ownerReferences ?? [];
      const ownerReferences = before.filter((owner) => owner.uid !== uid);
      if (ownerReferences.length < before.length)
        await this.patchMetadata(dependent, { live, ownerReferences, signal });
    });
    await this.removeFinalizer(node, ORPHAN_FINALIZER, signal);
    return {};
  }

  private async finishForeground(node: GraphNode, signal: AbortSignal): Promise<Result> {
    const { graph, lookAt } = this.deps;
    const plan = planForeground(node, graph.dependentsOf(node.uid));
    if (plan.action === "finish") await this.removeFinalizer(node, FOREGROUND_FINALIZER, signal);
    else for (const uid of plan.lookAt) lookAt(uid);
    return {};
  }

  private async stateOf(
    node: GraphNode,
    reference: OwnerReference,
    signal: AbortSignal,
  ): Promise<OwnerState> {
    const known = this.deps.graph.get(reference.uid);
    if (known !== undefined) {
      if (!canOwn(known, node)) return this.refuseNamespace(node, reference);
      return awaitsDependents(known) ? "waiting" : "solid";
    }
    if (this.absent.has(reference.uid)) return "dangling";
    const { apiVersion, kind, name, uid } = reference;
    const type = this.typeOf(reference);
    // A kind that is not served here may be served elsewhere: to keep too much does no harm.
    if (type === null) return "solid";
    // An object without a namespace cannot say in which one to look for its owner.
    if (type.namespaced && node.namespace === "") return "solid";
    const namespace = type.namespaced ? node.namespace : "";
    const owner = await this.read({ uid, apiVersion, kind, namespace, name }, signal);
    if (owner === null) {
      this.noteAbsent(uid);
      return "dangling";
    }
    const { deletionTimestamp, finalizers = [] } = owner.metadata;
    const waits = deletionTimestamp !== undefined && finalizers.includes(FOREGROUND_FINALIZER);
    return waits ? "waiting" : "solid";
  }

  private refuseNamespace(
    node: GraphNode,
    { apiVersion, kind, name, uid }: OwnerReference,
  ): OwnerState {
    const message =
      `ownerRef [${apiVersion}/${kind}, namespace: ${node.namespace}, ` +
      `name: ${name}, uid: ${uid}] ` +
      `does not exist in namespace "${node.namespace}"`;
    const { namespace } = node;
    const regarding = {
      apiVersion: node.apiVersion,
      kind: node.kind,
      name: node.name,
      uid: node.uid,
      ...(namespace === "" ? {} : { namespace }),
    };
    this.deps.recorder.event(regarding, "Warning", { reason: "OwnerRefInvalidNamespace", message });
    return node.namespace === "" ? "solid" : "dangling";
  }

  private noteAbsent(uid: string): void {
    this.absent.add(uid);
    if (this.absent.size <= ABSENT_MAX) return;
    for (const oldest of this.absent) {
      this.absent.delete(oldest);
      return;
    }
  }

  /** The object as the server has it; null when it is not there, or another one of its name is. */
  private async read(identity: Identity, signal: AbortSignal): Promise<KubernetesObject | null> {
    const type = this.typeOf(identity);
    if (type === null) return null;
    const { name, namespace, uid } = identity;
    try {
      const live = await this.deps.client.metadata(type).get(name, { namespace, signal });
      return live.metadata.uid === uid ? live : null;
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  private async delete(
    node: GraphNode,
    options: {
      live: KubernetesObject | null;
      policy: "Foreground" | "Background" | "Orphan";
      signal: AbortSignal;
    },
  ): Promise<void> {
    const type = this.typeOf(node);
    if (type === null) return;
    const { name, namespace, uid } = node;
    const { live, policy: propagationPolicy, signal } = options;
    // Not if somebody gave it an owner since we looked.
    const version = live === null ? {} : { resourceVersion: live.metadata.resourceVersion };
    try {
      const preconditions = { uid, ...version };
      await this.deps.client
        .resource(type)
        .delete(name, { namespace, propagationPolicy, signal, ...preconditions });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async removeFinalizer(
    node: GraphNode,
    finalizer: string,
    signal: AbortSignal,
  ): Promise<void> {
    const live = await this.read(node, signal);
    const before = live?.metadata.finalizers ?? [];
    const finalizers = before.filter((name) => name !== finalizer);
    if (live === null || finalizers.length === before.length) return;
    await this.patchMetadata(node, { live, finalizers, signal });
  }

  private async patchMetadata(
    node: GraphNode,
    change: {
      live: KubernetesObject;
      ownerReferences?: readonly OwnerReference[];
      finalizers?: readonly string[];
      signal: AbortSignal;
    },
  ): Promise<void> {
    const type = this.typeOf(node);
    if (type === null) return;
    const { live, ownerReferences, finalizers, signal } = change;
    const { uid, resourceVersion } = live.metadata;
    const metadata = {
      uid,
      resourceVersion,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(finalizers === undefined ? {} : { finalizers }),
    };
    const { name, namespace } = node;
    try {
      const patch = { metadata } as unknown as JsonValue;
      const options = { namespace, type: "merge", signal } as const;
      await this.deps.client.resource(type).patch(name, patch, options);
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) this.deps.lookAt(node.uid);
      throw error;
    }
  }

  private typeOf({
    apiVersion,
    kind,
  }: {
    readonly apiVersion: string;
    readonly kind: string;
  }): ResourceType<KubernetesObject> | null {
    const { group, version } = splitApiVersion(apiVersion);
    const info = kindByGvk(group, version, kind);
    if (info === null) return this.deps.customType(apiVersion, kind);
    const { plural, namespaced } = info;
    return { group, version, kind, plural, namespaced };
  }
}
