import { CodedError } from "../../base/errors.js";

/** A JSON value as patches see it. */
export type PatchValue = null | boolean | number | string | readonly PatchValue[] | PatchObject;
export interface PatchObject {
  readonly [key: string]: PatchValue | undefined;
}

/** Thrown when a patch is malformed or does not fit the object. The message goes to the client. */
export class PatchError extends CodedError<"PatchInvalid"> {
  constructor(message: string) {
    super("PatchInvalid", message);
  }
}

export function isPatchObject(value: PatchValue | undefined): value is PatchObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isPatchList(value: PatchValue | undefined): value is readonly PatchValue[] {
  return Array.isArray(value);
}

/** The member, or undefined when the object has none of its own. */
export function member(object: PatchObject, key: string): PatchValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The object with one member set, also when it is called __proto__. */
export function withMember(object: PatchObject, key: string, value: PatchValue): PatchObject {
  const out: Record<string, PatchValue | undefined> = { ...object };
  setMember(out, key, value);
  return out;
}

/** The object without one member. */
export function withoutMember(object: PatchObject, key: string): PatchObject {
  const { [key]: _removed, ...rest } = object;
  return rest;
}

/** Sets an own member of an object that is still being made. */
export function setMember(
  target: Record<string, PatchValue | undefined>,
  key: string,
  value: PatchValue,
): void {
  if (key !== "__proto__") {
    target[key] = value;
    return;
  }
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** True when both are the same JSON value; members may stand in any order. */
export function sameJson(a: PatchValue | undefined, b: PatchValue | undefined): boolean {
  if (a === b) return true;
  if (isPatchList(a) && isPatchList(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (!isPatchObject(a) || !isPatchObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(member(a, key), member(b, key)))
  );
}
