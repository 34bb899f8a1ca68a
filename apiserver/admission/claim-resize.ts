import { forbidden } from "../../api/machinery/status.js";
import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "../../api/machinery/quantity.js";
import { classNameOf } from "../../api/schema/storage/storage-class.js";
import type { PersistentVolumeClaim } from "../../api/schema/types/core-v1.gen.js";
import type { StorageClass } from "../../api/schema/types/storage-v1.gen.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const STORAGE_CLASSES = { group: "storage.k8s.io", resource: "storageclasses" };

/** Lets a claim ask for more only where its class says that its volumes can grow. */
export class ClaimResize implements AdmissionPlugin {
  readonly name = "PersistentVolumeClaimResize";
  private readonly cached: ObjectReader;

  constructor(cached: ObjectReader) {
    this.cached = cached;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { kind, operation, subresource, object, oldObject } = attributes;
    if (kind.kind !== "PersistentVolumeClaim" || operation !== "UPDATE" || subresource !== "")
      return;
    const [claim, old] = [object as PersistentVolumeClaim, oldObject as PersistentVolumeClaim];
    if (compareQuantities(sizeOf(claim), sizeOf(old)) <= 0) return;
    const refuse = (text: string): never => {
      throw new ApiFailure(forbidden({ group: "", resource: kind.plural }, attributes.name, text));
    };
    if (old.status?.phase !== "Bound")
      return refuse("Only bound persistent volume claims can be expanded");
    const name = classNameOf(claim);
    const storageClass =
      name === "" ? null : await this.cached.get(STORAGE_CLASSES, { namespace: "", name });
    if ((storageClass as StorageClass | null)?.allowVolumeExpansion === true) return;
    refuse(
      "only dynamically provisioned pvc can be resized and the storageclass that provisions " +
        "the pvc must support resize",
    );
  }
}

function sizeOf({ spec }: PersistentVolumeClaim) {
  return parseQuantity(spec.resources?.requests?.["storage"] ?? "0") ?? ZERO_QUANTITY;
}
