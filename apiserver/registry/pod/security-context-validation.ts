import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from "../../../api/machinery/field-errors.js";
import { byteLength, validateUserId } from "../../../api/machinery/names.js";
import type {
  AppArmorProfile,
  PodSpec,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateDescendingPath } from "../volume/path-validation.js";
import { validateWindowsOptions } from "./windows-validation.js";

const PROFILE_TYPES: readonly string[] = ["Localhost", "RuntimeDefault", "Unconfined"];
const PROC_MOUNTS: readonly string[] = ["Default", "Unmasked"];
const PROFILE_BYTES_MAX = 4095;
const SYSCTL_BYTES_MAX = 253;
const SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SYSCTL_PATTERN = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL = new RegExp(SYSCTL_PATTERN);

/** Fields of the pod's security context that take one of a few words. */
const POLICIES: readonly (readonly [
  "fsGroupChangePolicy" | "supplementalGroupsPolicy" | "seLinuxChangePolicy",
  readonly string[],
])[] = [
  ["fsGroupChangePolicy", ["Always", "OnRootMismatch"]],
  ["supplementalGroupsPolicy", ["Merge", "Strict"]],
  ["seLinuxChangePolicy", ["MountOption", "Recursive"]],
];

/** Checks the security context of a pod; `path` is that of the spec. */
export function validatePodSecurity(spec: PodSpec, path: string): FieldError[] {
  const at = `${path}.securityContext`;
  const context = spec.securityContext ?? {};
  const errors: FieldError[] = [];
  for (const field of ["fsGroup", "runAsUser", "runAsGroup"] as const) {
    const id = context[field];
    if (id !== undefined) errors.push(...invalidEach(`${at}.${field}`, id, validateUserId(id)));
  }
  for (const [index, id] of (context.supplementalGroups ?? []).entries())
    errors.push(...invalidEach(`${at}.supplementalGroups[${index}]`, id, validateUserId(id)));
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const text = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.push(invalid(`${at}.shareProcessNamespace`, true, text));
  }
  errors.push(...validateSysctls(spec, context.sysctls ?? [], `${at}.sysctls`));
  for (const [field, supported] of POLICIES) {
    const policy = context[field];
    if (policy !== undefined && !supported.includes(policy))
      errors.push(notSupported(`${at}.${field}`, policy, supported));
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`));
  errors.push(...validateWindowsOptions(context.windowsOptions, `${at}.windowsOptions`));
  errors.push(...validateAppArmor(context.appArmorProfile, `${at}.appArmorProfile`));
  return errors;
}

/** Checks the security context of a container. */
export function validateContainerSecurity(
  context: SecurityContext | undefined,
  path: string,
  hostUsers: boolean,
): FieldError[] {
  if (context === undefined) return [];
  const errors: FieldError[] = [];
  for (const field of ["runAsUser", "runAsGroup"] as const) {
    const id = context[field];
    if (id !== undefined) errors.push(...invalidEach(`${path}.${field}`, id, validateUserId(id)));
  }
  const { procMount } = context;
  if (procMount !== undefined && !PROC_MOUNTS.includes(procMount))
    errors.push(notSupported(`${path}.procMount`, procMount, PROC_MOUNTS));
  if (procMount === "Unmasked" && hostUsers) {
    const text = "`hostUsers` must be false to use `Unmasked`";
    errors.push(invalid(`${path}.procMount`, procMount, text));
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const start = "cannot set `allowPrivilegeEscalation` to false and";
    if (context.privileged === true)
      errors.push(invalid(path, context, `${start} \`privileged\` to true`));
    if ((context.capabilities?.add ?? []).includes("CAP_SYS_ADMIN"))
      errors.push(invalid(path, context, `${start} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
  errors.push(...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`));
  errors.push(...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`));
  return errors;
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile: file } = profile;
  const errors: FieldError[] = [];
  if (type === "")
    errors.push(required(`${path}.type`, "type is required when seccompProfile is set"));
  else if (!PROFILE_TYPES.includes(type))
    errors.push(notSupported(`${path}.type`, type, PROFILE_TYPES));
  const at = `${path}.localhostProfile`;
  if (type === "Localhost") {
    if (file === undefined) errors.push(required(at, "must be set when seccomp type is Localhost"));
    else errors.push(...validateDescendingPath(file, at));
  } else if (file !== undefined)
    errors.push(invalid(at, profile, "can only be set when seccomp type is Localhost"));
  return errors;
}

function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile: name } = profile;
  const at = `${path}.localhostProfile`;
  if (type === "")
    return [required(`${path}.type`, "type is required when appArmorProfile is set")];
  if (!PROFILE_TYPES.includes(type)) return [notSupported(`${path}.type`, type, PROFILE_TYPES)];
  if (type !== "Localhost") {
    const text = "can only be set when AppArmor type is Localhost";
    return name === undefined ? [] : [invalid(at, name, text)];
  }
  const errors: FieldError[] = [];
  if (name !== undefined && name.trim() !== name)
    errors.push(invalid(at, name, "must not be padded with whitespace"));
  else if ((name ?? "") === "")
    errors.push(required(at, "must be set when AppArmor type is Localhost"));
  if (byteLength(name ?? "") > PROFILE_BYTES_MAX) errors.push(tooLong(at, PROFILE_BYTES_MAX));
  return errors;
}

function validateSysctls(spec: PodSpec, sysctls: readonly Sysctl[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, { name }] of sysctls.entries()) {
    const at = `${path}[${index}].name`;
    if (name === "") errors.push(required(at));
    else if (byteLength(name) > SYSCTL_BYTES_MAX || !SYSCTL.test(name)) {
      const text =
        `must have at most ${SYSCTL_BYTES_MAX} characters ` + `and match regex ${SYSCTL_PATTERN}`;
      errors.push(invalid(at, name, text));
    } else if (seen.has(name)) errors.push(duplicate(at, name));
    seen.add(name);
    const dotted = name.replaceAll("/", ".");
    if (spec.hostNetwork === true && dotted.startsWith("net."))
      errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    if (spec.hostIPC === true && /^(kernel\.(shm|msg)|kernel\.sem$|fs\.mqueue\.)/.test(dotted))
      errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"));
  }
  return errors;
}

/** With users of its own a pod cannot share the host's other namespaces. */
export function validateHostUsers(spec: PodSpec, path: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const text = "when `pod.Spec.HostUsers` is false";
  const errors: FieldError[] = [];
  if (spec.hostNetwork === true) errors.push(forbidden(`${path}.hostNetwork`, text));
  if (spec.hostPID === true) errors.push(forbidden(`${path}.HostPID`, text));
  if (spec.hostIPC === true) errors.push(forbidden(`${path}.HostIPC`, text));
  return errors;
}
