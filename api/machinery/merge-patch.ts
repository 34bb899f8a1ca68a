import {
  isPatchObject,
  member,
  PatchError,
  type PatchObject,
  type PatchValue,
  setMember,
} from "./patch-json.js";

/**
 * Applies a JSON merge patch (RFC 7386): objects are merged, null removes, everything else
 * replaces. Neither argument is changed. Throws PatchError when the patch is no object: an API
 * object cannot become something else.
 */
export function applyMergePatch(object: PatchObject, patch: PatchValue): PatchObject {
  if (!isPatchObject(patch)) throw new PatchError("a merge patch must be a JSON object");
  return mergeObject(object, patch);
}

function mergeObject(object: PatchObject, patch: PatchObject): PatchObject {
  const out: Record<string, PatchValue | undefined> = { ...object };
  for (const key of Object.keys(patch)) {
    const value = member(patch, key);
    if (value === null || value === undefined) {
      delete out[key];
      continue;
    }
    const before = member(out, key);
    const merged = isPatchObject(value)
      ? mergeObject(isPatchObject(before) ? before : {}, value)
      : value;
    setMember(out, key, merged);
  }
  return out;
}
