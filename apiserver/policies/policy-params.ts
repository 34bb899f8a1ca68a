import { selectorFromObject } from "../../api/machinery/selectors.js";
import { type KindInfo, kindByGvk, splitApiVersion } from "../../api/schema/kinds.js";
import type { ParamKind, ParamRef } from "../../api/schema/types/admissionregistration-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { CustomKinds } from "../extension/custom-kinds.js";
import { type KindView, kindView, toServed } from "../handlers/kind-view.js";
import type { ObjectReader } from "../server/http-types.js";
import { objectKey } from "../storage/keys.js";
import type { WatchCache } from "../storage/watch-cache.js";

/** The parameters are not to be had: what failurePolicy is about. */
export class ParamsError extends Error {
  override readonly name = "ParamsError";
}

export interface ParamsDeps {
  readonly cache: WatchCache;
  /** Asks the store itself. */
  readonly newest: ObjectReader;
  readonly customKinds: CustomKinds;
}

/** Finds the parameters of policies, which may be objects of any kind. */
export class PolicyParams {
  private readonly deps: ParamsDeps;

  constructor(deps: ParamsDeps) {
    this.deps = deps;
  }

  /** The kind's view; null: there is no such kind. */
  viewOf({ apiVersion = "", kind = "" }: ParamKind): KindView | null {
    const { group, version } = splitApiVersion(apiVersion);
    const own = kindByGvk(group, version, kind);
    if (own !== null) return kindView(own);
    const isIt = (info: KindInfo): boolean => info.apiVersion === apiVersion && info.kind === kind;
    const custom = this.deps.customKinds.all().find((each) => isIt(each.kind));
    if (custom === undefined) return null;
    return this.deps.customKinds.find(group, version, custom.kind.plural)?.view ?? null;
  }

  /**
   * What the policy is evaluated with, once for each; null is none at all. Empty: not evaluated.
   * Throws ParamsError.
   */
  async collect(
    view: KindView | null,
    paramRef: ParamRef | undefined,
    namespace: string,
  ): Promise<readonly (KubernetesObject | null)[]> {
    // Who has no kind of parameters, or a binding without any, is evaluated without.
    if (view === null || paramRef === undefined) return [null];
    const found = await this.find(view, paramRef, this.namespaceOf(view, paramRef, namespace));
    if (found.length === 0 && paramRef.parameterNotFoundAction === "Deny") {
      throw new ParamsError(
        "no params found for policy binding with `Deny` parameterNotFoundAction",
      );
    }
    return found;
  }

  private namespaceOf(view: KindView, paramRef: ParamRef, namespace: string): string {
    const { namespace: named = "" } = paramRef;
    if (!view.kind.namespaced) {
      if (named === "") return "";
      throw new ParamsError(
        "paramRef.namespace must not be provided for a cluster-scoped `paramKind`",
      );
    }
    if (named !== "") return named;
    if (namespace !== "") return namespace;
    throw new ParamsError(
      "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources",
    );
  }

  private async find(
    view: KindView,
    { name = "", selector }: ParamRef,
    namespace: string,
  ): Promise<readonly KubernetesObject[]> {
    const cache = this.deps.cache.of(view.id);
    const read = (value: Buffer): KubernetesObject =>
      toServed(view, JSON.parse(value.toString()) as KubernetesObject);
    if (name !== "") {
      const cached = cache.get(objectKey(view.id, { namespace, name }));
      if (cached !== undefined) return [read(cached.value)];
      const stored = await this.deps.newest.get(view.id, { namespace, name });
      return stored === null ? [] : [toServed(view, stored as KubernetesObject)];
    }
    const parsed = selectorFromObject(selector ?? {});
    if (!parsed.ok) throw new ParamsError("the selector of paramRef cannot be read");
    return cache
      .list({ namespace, indexed: null })
      .filter(({ labels }) => parsed.selector.matches(labels))
      .map(({ value }) => read(value));
  }
}
