import { failure, forbidden, notFound } from "../../api/machinery/status.js";
import type { Namespace } from "../../api/schema/types/core-v1.gen.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const NAMESPACES = { group: "", resource: "namespaces" };
/** Without these the cluster does not work. */
const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);

/**
 * Nothing is created in a namespace that does not exist or is going, and some namespaces never go.
 */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = "NamespaceLifecycle";
  private readonly reader: ObjectReader;

  /** `reader` may be a little old: a namespace it does not know is asked for again by `newest`. */
  private readonly newest: ObjectReader;

  constructor(deps: { cached: ObjectReader; newest: ObjectReader }) {
    this.reader = deps.cached;
    this.newest = deps.newest;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, kind, name, namespace } = attributes;
    if (operation === "DELETE" && kind.kind === "Namespace" && IMMORTAL.has(name)) {
      throw new ApiFailure(forbidden(NAMESPACES, name, "this namespace may not be deleted"));
    }
    if (operation !== "CREATE" || !kind.namespaced || isUnbound(attributes)) return;
    const found = await this.find(namespace);
    if (found === null) throw new ApiFailure(notFound(NAMESPACES, namespace));
    if (found.metadata.deletionTimestamp !== undefined) throw terminating(attributes);
  }

  private async find(name: string): Promise<Namespace | null> {
    const at = { namespace: "", name };
    const known = (await this.reader.get(NAMESPACES, at)) as Namespace | null;
    if (known !== null && known.metadata.deletionTimestamp === undefined) return known;
    return (await this.newest.get(NAMESPACES, at)) as Namespace | null;
  }
}

/** Asking a question makes nothing, and a pod may be evicted from a namespace that is going. */
function isUnbound({ kind, subresource }: AdmissionAttributes): boolean {
  return kind.kind === "LocalSubjectAccessReview" || subresource === "eviction";
}

function terminating({ kind, name, namespace }: AdmissionAttributes): ApiFailure {
  const of = { group: kind.group, resource: kind.plural };
  const text =
    `unable to create new content in namespace ${namespace} because it is being ` + "terminated";
  const status = forbidden(of, name, text);
  const message = `namespace ${namespace} is being terminated`;
  const causes = [{ reason: "NamespaceTerminating", message, field: "metadata.namespace" }];
  return new ApiFailure(
    failure(403, "Forbidden", status.message ?? text, { ...status.details, causes }),
  );
}
