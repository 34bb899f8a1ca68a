import { type KindInfo, SERVED_KINDS } from "../../api/schema/kinds.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { assert } from "../../base/assert.js";
import type { CustomKinds } from "../extension/custom-kinds.js";
import { type KindView, kindView, servedOf, toServed, toStored } from "../handlers/kind-view.js";
import type { GroupVersionResource } from "./admission.js";

const NONE: readonly KindInfo[] = [];

/** The versions and groups in which the same objects are served (matchPolicy: Equivalent). */
export class EquivalentKinds {
  private readonly customKinds: CustomKinds;
  private readonly own = new Map<KindInfo, readonly KindInfo[]>();

  constructor(customKinds: CustomKinds) {
    this.customKinds = customKinds;
    for (const kind of SERVED_KINDS) {
      const same = SERVED_KINDS.filter(
        (each) => each !== kind && each.storageTypeName === kind.storageTypeName,
      );
      if (same.length > 0) this.own.set(kind, same);
    }
  }

  /** Grows whenever answers may have changed. */
  get version(): number {
    return this.customKinds.version;
  }

  /** The others beside `kind`. */
  of(kind: KindInfo): readonly KindInfo[] {
    return this.own.get(kind) ?? this.customOf(kind);
  }

  /** An object of `from` as clients of the equivalent resource `to` see it. */
  async convert(
    object: KubernetesObject,
    from: KindInfo,
    to: GroupVersionResource,
  ): Promise<KubernetesObject> {
    const target = this.of(from).find((kind) => isResource(kind, to));
    assert(target !== undefined, `${to.version} ${to.resource} is an equivalent`);
    const view = this.viewOf(target);
    // Whoever asks a webhook has limits of its own.
    if (view.remote !== undefined) return servedOf(view, object, new AbortController().signal);
    return toServed(view, toStored(this.viewOf(from), object));
  }

  private customOf(kind: KindInfo): readonly KindInfo[] {
    const custom = this.customKinds.find(kind.group, kind.version, kind.plural);
    if (custom === null) return NONE;
    const { versions } = custom.custom.definition.spec;
    return versions.flatMap(({ name }) => {
      const other = this.customKinds.find(kind.group, name, kind.plural);
      return other === null || name === kind.version ? [] : [other.custom.kind];
    });
  }

  private viewOf(kind: KindInfo): KindView {
    return this.customKinds.find(kind.group, kind.version, kind.plural)?.view ?? kindView(kind);
  }
}

/** Whether a kind is the one behind this resource. */
export function isResource(kind: KindInfo, of: GroupVersionResource): boolean {
  return kind.group === of.group && kind.version === of.version && kind.plural === of.resource;
}
