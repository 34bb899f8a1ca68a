import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import type { ChainState, Element, RuleSet } from "./rule-set.js";
import { type RuleContext, type ServiceRules, serviceRules } from "./service-rules.js";
import { type StaleUdp, staleUdpFlows } from "./udp-flows.js";

/** Label by which an EndpointSlice names its Service. */
const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

/** The step from what is loaded to what is wanted, for some Services only. */
export interface TableChange {
  readonly from: RuleSet;
  readonly to: RuleSet;
  readonly staleUdp: readonly StaleUdp[];
  /** How many Services were looked at. */
  readonly services: number;
}

/**
 * What the Service table shall hold, from the Services and EndpointSlices seen so far. Pure. A
 * change of an object marks its Service; takeChange computes the marked ones again, and nothing
 * else.
 */
export class ServiceTable {
  private readonly context: RuleContext;
  private readonly services = new Map<string, Service>();
  private readonly slices = new Map<string, Map<string, EndpointSlice>>();
  private readonly sliceOwners = new Map<string, string>();
  private readonly rules = new Map<string, ServiceRules>();
  /**
   * Services by element: several may claim an external address and port; the first to come has it.
   */
  private readonly claims = new Map<string, Map<string, Element>>();
  private dirty = new Set<string>();

  constructor(context: RuleContext) {
    this.context = context;
  }

  get size(): number {
    return this.services.size;
  }

  get pending(): number {
    return this.dirty.size;
  }

  setService(service: Service): void {
    const key = keyOf(service.metadata.namespace, service.metadata.name);
    this.services.set(key, service);
    this.dirty.add(key);
  }

  deleteService(service: Service): void {
    const key = keyOf(service.metadata.namespace, service.metadata.name);
    if (this.services.delete(key)) this.dirty.add(key);
  }

  setSlice(slice: EndpointSlice): void {
    const owner = ownerOf(slice);
    const id = keyOf(slice.metadata.namespace, slice.metadata.name);
    // The label may have changed: the slice then leaves another Service.
    if (this.sliceOwners.get(id) !== owner) this.deleteSlice(slice);
    if (owner === null) return;
    this.sliceOwners.set(id, owner);
    const slices = this.slices.get(owner) ?? new Map<string, EndpointSlice>();
    slices.set(slice.metadata.name, slice);
    this.slices.set(owner, slices);
    this.dirty.add(owner);
  }

  deleteSlice(slice: EndpointSlice): void {
    const id = keyOf(slice.metadata.namespace, slice.metadata.name);
    const owner = this.sliceOwners.get(id);
    if (owner === undefined) return;
    this.sliceOwners.delete(id);
    const slices = this.slices.get(owner);
    slices?.delete(slice.metadata.name);
    if (slices?.size === 0) this.slices.delete(owner);
    this.dirty.add(owner);
  }

  /**
   * Forgets what was loaded and marks every Service: after the kernel's table was found to differ
   * from ours.
   */
  startOver(): void {
    this.rules.clear();
    this.claims.clear();
    this.dirty = new Set(this.services.keys());
  }

  /**
   * Computes up to `limit` marked Services; null when none is marked. The change must be loaded,
   * or all be reloaded.
   */
  takeChange(limit: number): TableChange | null {
    if (this.dirty.size === 0) return null;
    const keys: string[] = [];
    for (const key of this.dirty) {
      if (keys.length >= limit) break;
      keys.push(key);
    }
    const change = new ChangeBuilder(this.claims);
    const staleUdp: StaleUdp[] = [];
    for (const key of keys) {
      this.dirty.delete(key);
      const before = this.rules.get(key);
      const after = this.compute(key);
      change.replace(key, before, after);
      staleUdp.push(...staleUdpFlows(before?.udp ?? [], after?.udp ?? []));
      if (after === undefined) this.rules.delete(key);
      else this.rules.set(key, after);
    }
    return { ...change.result(), staleUdp, services: keys.length };
  }

  private compute(key: string): ServiceRules | undefined {
    const service = this.services.get(key);
    if (service === undefined) return undefined;
    return serviceRules(service, [...(this.slices.get(key)?.values() ?? [])], this.context);
  }
}

/** Collects the shares of several Services on both sides of a change. */
class ChangeBuilder {
  private readonly claims: Map<string, Map<string, Element>>;
  private readonly touched = new Set<string>();
  private readonly from = emptyShare();
  private readonly to = emptyShare();

  constructor(claims: Map<string, Map<string, Element>>) {
    this.claims = claims;
  }

  result(): { readonly from: RuleSet; readonly to: RuleSet } {
    return { from: this.from, to: this.to };
  }

  replace(key: string, before: ServiceRules | undefined, after: ServiceRules | undefined): void {
    for (const [name, chain] of before?.chains ?? []) this.from.chains.set(name, chain);
    for (const [name, chain] of after?.chains ?? []) this.to.chains.set(name, chain);
    for (const [name, timeout] of before?.affinitySets ?? [])
      this.from.affinitySets.set(name, timeout);
    for (const [name, timeout] of after?.affinitySets ?? [])
      this.to.affinitySets.set(name, timeout);
    for (const id of before?.elements.keys() ?? []) {
      if (after?.elements.has(id) !== true) this.claim(id, key, undefined);
    }
    for (const [id, element] of after?.elements ?? []) this.claim(id, key, element);
  }

  private claim(id: string, key: string, element: Element | undefined): void {
    const claims = this.claims.get(id) ?? new Map<string, Element>();
    const before = firstOf(claims);
    // An element touched before in this change keeps the state it had at the beginning.
    if (!this.touched.has(id) && before !== undefined) this.from.elements.set(id, before);
    this.touched.add(id);
    if (element === undefined) claims.delete(key);
    else claims.set(key, element);
    const after = firstOf(claims);
    if (after === undefined) {
      this.claims.delete(id);
      this.to.elements.delete(id);
    } else {
      this.claims.set(id, claims);
      this.to.elements.set(id, after);
    }
  }
}

function emptyShare(): {
  chains: Map<string, ChainState>;
  elements: Map<string, Element>;
  affinitySets: Map<string, number>;
} {
  return { chains: new Map(), elements: new Map(), affinitySets: new Map() };
}

function firstOf(claims: ReadonlyMap<string, Element>): Element | undefined {
  for (const element of claims.values()) return element;
  return undefined;
}

function ownerOf(slice: EndpointSlice): string | null {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name === undefined ? null : keyOf(slice.metadata.namespace, name);
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}
