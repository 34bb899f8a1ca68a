import { badRequest, methodNotAllowedHere, pathNotFound } from "../../api/machinery/status.js";
import { type KindInfo, kindByResource } from "../../api/schema/kinds.js";
import { ApiFailure } from "../server/api-failure.js";
import { USAGE_GROUP } from "../registry/metrics/usage-group.js";
import type { ApiRequest, ApiResponse, SubresourceHandler } from "../server/http-types.js";
import type { ResourceRequestInfo } from "../server/request-info.js";
import type { ResourceRouter } from "../server/router.js";
import type { Reader } from "../storage/reader.js";
import { bindFromCollection, bindPod } from "./binding-handler.js";
import { deleteCollection, deleteObject } from "./delete-handlers.js";
import { getComponent, listComponents } from "./component-handlers.js";
import { CONNECT_SUBRESOURCES, admitConnect } from "./connect-admission.js";
import { customKindOf } from "./custom-kinds.js";
import type { ResourceCall } from "./deps.js";
import { evictPod } from "./eviction-handler.js";
import { HoldHandler } from "./hold-handler.js";
import { type KindView, isStored, kindView } from "./kind-view.js";
import { patchObject } from "./patch-handler.js";
import { getObject, listObjects } from "./read-handlers.js";
import { answerReview } from "./review-handlers.js";
import { patchScale, readScale, updateScale } from "./scale-handlers.js";
import { requestToken } from "./token-handlers.js";
import { getUsage, listUsage } from "./usage-handlers.js";
import { watchObjects } from "./watch-handler.js";
import { type WriteDeps, createObject, updateObject, withMoreWarnings } from "./write-handlers.js";

export type RouterHandlerDeps = WriteDeps & { readonly reader: Reader };
type Handler = (call: ResourceCall, deps: RouterHandlerDeps) => Promise<ApiResponse>;

const OBJECT_HANDLERS: Readonly<Record<ResourceRequestInfo["verb"], Handler>> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

/** Subresources that are a part of the object: they are read, replaced and patched like it. */
const PARTS = new Set(["status", "finalize", "approval", "ephemeralcontainers", "resize"]);
const PART_HANDLERS: Readonly<Record<string, Handler>> = {
  get: getObject,
  update: updateObject,
  patch: patchObject,
};
/** Subresources that speak a kind of their own. */
const OWN_HANDLERS: Readonly<Record<string, Handler>> = {
  "get scale": readScale,
  "update scale": updateScale,
  "patch scale": patchScale,
  "create binding": bindPod,
  "create eviction": evictPod,
  "create token": requestToken,
};

/** Finds who answers a request for objects. */
export class ObjectRouter implements ResourceRouter {
  private readonly deps: RouterHandlerDeps;
  private readonly holds: HoldHandler;
  private readonly plugged: readonly SubresourceHandler[];
  private readonly views = new Map<KindInfo, KindView>();

  constructor(deps: RouterHandlerDeps, plugged: readonly SubresourceHandler[]) {
    this.deps = deps;
    this.plugged = plugged;
    this.holds = new HoldHandler(deps);
  }

  /** Throws 404 and 405 for what is not served. */
  async handle(request: ApiRequest, asked: ResourceRequestInfo): Promise<ApiResponse> {
    const kind = kindByResource(asked.group, asked.version, asked.resource);
    if (kind !== null) return this.warned(request, asked, this.viewOf(kind));
    return this.warned(request, asked, (await customKindOf(asked, request.signal, this.deps)).view);
  }

  /** Lets admission judge a stream that is about to take over the connection. */
  async admitUpgrade(request: ApiRequest, asked: ResourceRequestInfo): Promise<void> {
    if (!CONNECT_SUBRESOURCES.has(asked.subresource)) return;
    const kind = kindByResource(asked.group, asked.version, asked.resource);
    if (kind === null) return;
    await admitConnect({ request, info: asked, kind, view: this.viewOf(kind) }, this.deps);
  }

  private async warned(
    request: ApiRequest,
    asked: ResourceRequestInfo,
    view: KindView,
  ): Promise<ApiResponse> {
    const response = await this.answer(request, asked, view);
    const { deprecation } = view.strategy;
    return deprecation === undefined ? response : withMoreWarnings(response, [deprecation]);
  }

  private async answer(
    request: ApiRequest,
    asked: ResourceRequestInfo,
    view: KindView,
  ): Promise<ApiResponse> {
    const { kind } = view;
    checkScope(kind, asked);
    // Rules see a Namespace in the namespace of its name; it is stored in none.
    const info = kind.namespaced ? asked : { ...asked, namespace: "" };
    const call: ResourceCall = { request, info, kind, view };
    if (info.subresource !== "") return this.subresource(call);
    if (kind.group === USAGE_GROUP) return this.usage(call);
    if (kind.kind === "ComponentStatus") return this.components(call);
    if (!isStored(kind)) return this.virtual(call);
    if (!kind.verbs.includes(info.verb)) throw new ApiFailure(methodNotAllowedHere());
    const ofCollection = info.name === "";
    const badTarget = ofCollection
      ? info.verb === "update" || info.verb === "patch"
      : info.verb === "create";
    if (badTarget) throw new ApiFailure(methodNotAllowedHere());
    return OBJECT_HANDLERS[info.verb](call, this.deps);
  }

  private async subresource(call: ResourceCall): Promise<ApiResponse> {
    const { kind, info, request } = call;
    const plugged = this.plugged.find(
      (handler) => handler.resource === info.resource && handler.subresource === info.subresource,
    );
    if (plugged !== undefined && kind.group === "") {
      if (info.subresource === "proxy") await admitConnect(call, this.deps);
      return plugged.handle(request, info);
    }
    if (kind.kind === "Lease" && info.subresource === "hold") return this.holds.handle(call);
    const known = kind.subresources.find(({ name }) => name === info.subresource);
    if (known === undefined || info.rest !== "") throw new ApiFailure(pathNotFound());
    if (!known.verbs.includes(info.verb)) throw new ApiFailure(methodNotAllowedHere());
    const handler = PARTS.has(info.subresource)
      ? PART_HANDLERS[info.verb]
      : OWN_HANDLERS[`${info.verb} ${info.subresource}`];
    // A stream (exec, attach) asked for without an upgrade of the connection.
    if (handler === undefined) throw new ApiFailure(badRequest("Upgrade request required"));
    return handler(call, this.deps);
  }

  private usage(call: ResourceCall): Promise<ApiResponse> {
    const { verb } = call.info;
    if (verb === "get") return getUsage(call, this.deps);
    if (verb === "list") return listUsage(call, this.deps);
    throw new ApiFailure(methodNotAllowedHere());
  }

  private components(call: ResourceCall): Promise<ApiResponse> {
    const { verb } = call.info;
    if (verb === "get") return getComponent(call, this.deps);
    if (verb === "list") return listComponents(call, this.deps);
    throw new ApiFailure(methodNotAllowedHere());
  }

  private virtual(call: ResourceCall): Promise<ApiResponse> {
    const { kind, info } = call;
    if (info.verb !== "create" || info.name !== "") throw new ApiFailure(methodNotAllowedHere());
    if (kind.kind === "Binding") return bindFromCollection(call, this.deps);
    return answerReview(call, this.deps);
  }

  private viewOf(kind: KindInfo): KindView {
    const known = this.views.get(kind);
    if (known !== undefined) return known;
    const view = kindView(kind);
    this.views.set(kind, view);
    return view;
  }
}

/**
 * A path must name a namespace where the kind lives in one, except for reads across all of them.
 */
function checkScope(kind: KindInfo, info: ResourceRequestInfo): void {
  if (!kind.namespaced) {
    const own = kind.kind === "Namespace" && info.namespace === info.name;
    if (info.namespace !== "" && !own) throw new ApiFailure(pathNotFound());
    return;
  }
  if (info.namespace !== "") return;
  const acrossAll = info.name === "" && (info.verb === "list" || info.verb === "watch");
  if (!acrossAll) throw new ApiFailure(pathNotFound());
}
