import { type FieldError, forbidden, invalid } from "../../../api/machinery/field-errors.js";
import type { Pod, PodSpec } from "../../../api/schema/types/core-v1.gen.js";
import { validateDescendingPath } from "../volume/path-validation.js";
import { containersOf } from "./windows-validation.js";

const MIRROR_POD = "kubernetes.io/config.mirror";
const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP_PROFILES: readonly string[] = ["runtime/default", "docker/default", "unconfined"];

type Annotations = { readonly [key: string]: string };

/** Checks the annotations that mean something for a pod. */
export function validatePodAnnotations(
  annotations: Annotations,
  spec: PodSpec,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations[MIRROR_POD];
  if (mirror !== undefined && (spec.nodeName ?? "") === "") {
    const text = "must set spec.nodeName if mirror pod annotation is set";
    errors.push(invalid(`${path}[${MIRROR_POD}]`, mirror, text));
  }
  const cost = annotations[DELETION_COST];
  if (cost !== undefined && !isInt32(cost))
    errors.push(invalid(`${path}[${DELETION_COST}]`, cost, "must be a 32bit integer"));
  for (const [key, profile] of Object.entries(annotations)) {
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER))
      errors.push(...validateSeccomp(profile, `${path}.${key}`));
    if (key.startsWith(APP_ARMOR))
      errors.push(
        ...validateAppArmor(key.slice(APP_ARMOR.length), `${path}[${key}]`, { profile, spec }),
      );
  }
  return errors;
}

/** Some annotations cannot change while the pod lives. */
export function validatePodAnnotationChange(pod: Pod, old: Pod): FieldError[] {
  const after = pod.metadata.annotations ?? {};
  const before = old.metadata.annotations ?? {};
  const errors: FieldError[] = [];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[key] === after[key]) continue;
    const verb = before[key] === undefined ? "add" : "remove or update";
    const path = `metadata.annotations[${key}]`;
    if (key.startsWith(APP_ARMOR))
      errors.push(forbidden(path, `may not ${verb} AppArmor annotations`));
    if (key === MIRROR_POD) errors.push(forbidden(path, `may not ${verb} mirror pod annotation`));
  }
  return errors;
}

/** True for the copy that a node keeps here of a pod it runs by itself. */
export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata.annotations?.[MIRROR_POD] !== undefined;
}

function isInt32(text: string): boolean {
  if (!/^(0|-?[1-9][0-9]{0,9})$/.test(text)) return false;
  const value = Number(text);
  return value >= -2_147_483_648 && value <= 2_147_483_647;
}

function validateSeccomp(profile: string, path: string): FieldError[] {
  if (SECCOMP_PROFILES.includes(profile)) return [];
  if (profile.startsWith("localhost/"))
    return validateDescendingPath(profile.slice("localhost/".length), path);
  return [invalid(path, profile, "must be a valid seccomp profile")];
}

function validateAppArmor(
  container: string,
  path: string,
  { profile, spec }: { profile: string; spec: PodSpec },
): FieldError[] {
  const errors: FieldError[] = [];
  if (!containersOf(spec, "spec").some(([{ name }]) => name === container))
    errors.push(invalid(path, container, "container not found"));
  const known = ["", "runtime/default", "unconfined"].includes(profile);
  if (!known && !profile.startsWith("localhost/"))
    errors.push(invalid(path, profile, `invalid AppArmor profile name: "${profile}"`));
  return errors;
}
