import { forbidden } from "../../api/machinery/status.js";
import type {
  LimitRange,
  LimitRangeItem,
  PersistentVolumeClaim,
  Pod,
} from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { ApiFailure } from "../server/api-failure.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";
import { violationsOfClaim, violationsOfPod, withDefaultLimits } from "./limits.js";

const LIMIT_RANGES = { group: "", resource: "limitranges" };

/** Fills in what containers leave unsaid, and refuses what lies outside a namespace's limits. */
export class LimitRanger implements AdmissionPlugin {
  readonly name = "LimitRanger";
  private readonly cache: WatchCache;

  constructor(cache: WatchCache) {
    this.cache = cache;
  }

  mutate(object: KubernetesObject, attributes: AdmissionAttributes): KubernetesObject {
    const { kind, operation, subresource, namespace } = attributes;
    if (kind.kind !== "Pod" || operation !== "CREATE" || subresource !== "") return object;
    return withDefaultLimits(object as Pod, this.itemsOf(namespace));
  }

  validate({ kind, operation, subresource, namespace, object }: AdmissionAttributes): void {
    if (object === null || kind.group !== "") return;
    const isPod = kind.kind === "Pod" && (operation === "CREATE" || subresource === "resize");
    const isClaim = kind.kind === "PersistentVolumeClaim" && subresource === "";
    if (!isPod && !isClaim) return;
    if (isPod && subresource !== "" && subresource !== "resize") return;
    const items = this.itemsOf(namespace);
    if (items.length === 0) return;
    const violations = isPod
      ? violationsOfPod(object as Pod, items)
      : violationsOfClaim(object as PersistentVolumeClaim, items);
    if (violations.length === 0) return;
    const text = violations.length === 1 ? violations[0] : `[${violations.join(", ")}]`;
    const of = { group: "", resource: kind.plural };
    throw new ApiFailure(forbidden(of, object.metadata.name, text ?? ""));
  }

  private itemsOf(namespace: string): readonly LimitRangeItem[] {
    const cached = this.cache.of(LIMIT_RANGES).list({ namespace, indexed: null });
    return cached.flatMap(
      ({ value }) => (JSON.parse(value.toString()) as LimitRange).spec.limits ?? [],
    );
  }
}
