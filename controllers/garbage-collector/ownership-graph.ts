import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";

/** Where an object is found. */
export interface Identity {
  readonly uid: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** "" for a kind without namespaces. */
  readonly namespace: string;
  readonly name: string;
}

/** What the garbage collector has to know of an object. */
export interface GraphNode extends Identity {
  readonly owners: readonly OwnerReference[];
  /** It has a deletionTimestamp. */
  readonly deleting: boolean;
  /** It has the finalizer foregroundDeletion. */
  readonly foreground: boolean;
  /** It has the finalizer orphan. */
  readonly orphan: boolean;
}

/** Objects to be looked at after a change. */
export interface GraphEffects {
  readonly attemptToDelete: readonly string[];
  readonly attemptToOrphan: readonly string[];
}

/** Finalizer of an object that waits for its dependents to go first. */
export const FOREGROUND_FINALIZER = "foregroundDeletion";
/** Finalizer of an object whose dependents are to be left behind. */
export const ORPHAN_FINALIZER = "orphan";

/** It is going, and waits for the dependents that block it. */
export function awaitsDependents(node: GraphNode): boolean {
  return node.deleting && node.foreground;
}

/**
 * Who owns whom, over all kinds. Says after every change which objects have to be looked at; the
 * cost is that of the object and its neighbours.
 */
export class OwnershipGraph {
  private readonly nodes = new Map<string, GraphNode>();
  /**
   * Owner's uid → uids of those that name it, whether the owner is known or not. Invariant: no
   * empty set.
   */
  private readonly dependents = new Map<string, Set<string>>();

  get size(): number {
    return this.nodes.size;
  }

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  dependentsOf(uid: string): readonly GraphNode[] {
    return Array.from(this.dependents.get(uid) ?? [], (dependent) =>
      this.nodes.get(dependent),
    ).filter((node) => node !== undefined);
  }

  /** Takes in an object as it is now. */
  upsert(node: GraphNode): GraphEffects {
    const old = this.nodes.get(node.uid);
    this.nodes.set(node.uid, node);
    for (const { uid } of old?.owners ?? []) this.unlink(uid, node.uid);
    for (const { uid } of node.owners) this.link(uid, node.uid);
    const attemptToDelete = [...this.ownersReleasedBy(old, node)];
    if (this.needsLook(node)) attemptToDelete.push(node.uid);
    if (awaitsDependents(node) && !(old !== undefined && awaitsDependents(old)))
      attemptToDelete.push(...(this.dependents.get(node.uid) ?? []));
    const attemptToOrphan = node.deleting && node.orphan ? [node.uid] : [];
    return { attemptToDelete, attemptToOrphan };
  }

  /** Takes note that an object is gone. */
  remove(uid: string): GraphEffects {
    const old = this.nodes.get(uid);
    if (old === undefined) return { attemptToDelete: [], attemptToOrphan: [] };
    this.nodes.delete(uid);
    for (const owner of old.owners) this.unlink(owner.uid, uid);
    const waiting = old.owners.map((owner) => owner.uid).filter((o) => this.isWaiting(o));
    const left = this.dependents.get(uid) ?? [];
    return { attemptToDelete: [...waiting, ...left], attemptToOrphan: [] };
  }

  /**
   * What has to be looked at before anything changes: to be asked once, when everything was listed.
   */
  initialEffects(): GraphEffects {
    const all = [...this.nodes.values()];
    return {
      attemptToDelete: all.filter((node) => this.needsLook(node)).map(({ uid }) => uid),
      attemptToOrphan: all.filter((n) => n.deleting && n.orphan).map(({ uid }) => uid),
    };
  }

  /**
   * It waits for its dependents, or one of its owners is not there, or is going and waits for it.
   */
  private needsLook(node: GraphNode): boolean {
    if (awaitsDependents(node)) return true;
    if (node.deleting) return false;
    return node.owners.some(({ uid }) => {
      const owner = this.nodes.get(uid);
      return owner === undefined || awaitsDependents(owner) || !canOwn(owner, node);
    });
  }

  /** Owners that wait and that this change may have freed. */
  private ownersReleasedBy(old: GraphNode | undefined, node: GraphNode): readonly string[] {
    if (old === undefined) return [];
    const still = new Map(node.owners.map((owner) => [owner.uid, owner]));
    return old.owners
      .filter(({ uid, blockOwnerDeletion }) => {
        const now = still.get(uid);
        return now === undefined || (blockOwnerDeletion === true && !now.blockOwnerDeletion);
      })
      .map(({ uid }) => uid)
      .filter((uid) => this.isWaiting(uid));
  }

  private isWaiting(uid: string): boolean {
    const node = this.nodes.get(uid);
    return node !== undefined && awaitsDependents(node);
  }

  private link(owner: string, dependent: string): void {
    const set = this.dependents.get(owner);
    if (set === undefined) this.dependents.set(owner, new Set([dependent]));
    else set.add(dependent);
  }

  private unlink(owner: string, dependent: string): void {
    const set = this.dependents.get(owner);
    set?.delete(dependent);
    if (set?.size === 0) this.dependents.delete(owner);
  }
}

/** An owner with a namespace owns within it alone. */
export function canOwn(owner: Identity, dependent: Identity): boolean {
  return owner.namespace === "" || owner.namespace === dependent.namespace;
}
