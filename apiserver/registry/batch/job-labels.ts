import type { StoredMeta } from "../../../api/schema/wire-types.js";

/** The labels that tell a job's pods from all others; those without a prefix are the old names. */
export function jobLabels({ name, uid }: StoredMeta): { readonly [key: string]: string } {
  return {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
}

/** The label that the generated selector asks for. */
export const JOB_SELECTOR_LABEL = "batch.kubernetes.io/controller-uid";
