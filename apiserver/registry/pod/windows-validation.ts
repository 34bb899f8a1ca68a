import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { byteLength, validateDns1123Subdomain } from "../../../api/machinery/names.js";
import type {
  Container,
  PodSecurityContext,
  PodSpec,
  SecurityContext,
  WindowsSecurityContextOptions,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";

const CREDENTIAL_KIB_MAX = 64;
const DOMAIN_BYTES_MAX = 256;
const USER_BYTES_MAX = 104;
const NET_BIOS_NAME = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const DNS_NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);

/** What only Linux knows, of the pod's and of a container's security context. */
const LINUX_POD_FIELDS: readonly (keyof PodSecurityContext)[] = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
  "seLinuxChangePolicy",
];
const LINUX_CONTAINER_FIELDS: readonly (keyof SecurityContext)[] = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
];

/** Checks spec.os, and that nothing is set that the stated operating system does not know. */
export function validateOs(spec: PodSpec, path: string): FieldError[] {
  if (spec.os === undefined) return [];
  const { name } = spec.os;
  if (name === "") return [required(`${path}.os.name`, "cannot be empty")];
  if (name === "linux") return validateLinuxPod(spec, path);
  if (name === "windows") return validateWindowsPod(spec, path);
  return [notSupported(`${path}.os`, name, ["linux", "windows"])];
}

/** Containers of every kind with their paths, init containers first. */
export function containersOf(
  spec: PodSpec,
  path: string,
): readonly (readonly [container: Container, path: string])[] {
  return (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, index) => [container, `${path}.${list}[${index}]`] as const),
  );
}

function validateLinuxPod(spec: PodSpec, path: string): FieldError[] {
  const text = "windows options cannot be set for a linux pod";
  const errors: FieldError[] = [];
  if (spec.securityContext?.windowsOptions !== undefined)
    errors.push(forbidden(`${path}.securityContext.windowsOptions`, text));
  for (const [container, at] of containersOf(spec, path))
    if (container.securityContext?.windowsOptions !== undefined)
      errors.push(forbidden(`${at}.securityContext.windowsOptions`, text));
  return errors;
}

function validateWindowsPod(spec: PodSpec, path: string): FieldError[] {
  const text = "cannot be set for a windows pod";
  const errors: FieldError[] = [];
  for (const field of ["hostUsers", "shareProcessNamespace"] as const)
    if (spec[field] !== undefined) errors.push(forbidden(`${path}.${field}`, text));
  for (const field of ["hostPID", "hostIPC"] as const)
    if (spec[field] === true) errors.push(forbidden(`${path}.${field}`, text));
  for (const field of LINUX_POD_FIELDS)
    if (spec.securityContext?.[field] !== undefined)
      errors.push(forbidden(`${path}.securityContext.${field}`, text));
  for (const [container, at] of containersOf(spec, path))
    for (const field of LINUX_CONTAINER_FIELDS)
      if (container.securityContext?.[field] !== undefined)
        errors.push(forbidden(`${at}.securityContext.${field}`, text));
  return errors;
}

/** Checks the options of Windows containers. */
export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: string,
): FieldError[] {
  if (options === undefined) return [];
  const errors: FieldError[] = [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  if (name !== undefined) {
    const texts = validateDns1123Subdomain(name);
    errors.push(...invalidEach(`${path}.gmsaCredentialSpecName`, name, texts));
  }
  const at = `${path}.gmsaCredentialSpec`;
  if (spec === "") errors.push(invalid(at, spec, "gmsaCredentialSpec cannot be an empty string"));
  else if (spec !== undefined && byteLength(spec) > CREDENTIAL_KIB_MAX * 1024) {
    const text = `gmsaCredentialSpec size must be under ${CREDENTIAL_KIB_MAX} KiB`;
    errors.push(invalid(at, spec, text));
  }
  if (user !== undefined)
    errors.push(...invalidEach(`${path}.runAsUserName`, user, userNameErrors(user)));
  return errors;
}

function userNameErrors(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name))
    return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const user = parts.at(-1) ?? "";
  const domain = parts.length === 2 ? (parts[0] ?? "") : null;
  const errors: string[] = [];
  if (domain !== null && byteLength(domain) >= DOMAIN_BYTES_MAX)
    errors.push(`runAsUserName's Domain length must be under ${DOMAIN_BYTES_MAX} characters`);
  if (domain !== null && !NET_BIOS_NAME.test(domain) && !DNS_NAME.test(domain))
    errors.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === "") errors.push("runAsUserName's User cannot be empty");
  else if (byteLength(user) > USER_BYTES_MAX) {
    const text = `runAsUserName's User length must not be longer than ${USER_BYTES_MAX} characters`;
    errors.push(text);
  }
  if (/^[. ]+$/.test(user))
    errors.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    const characters = '"/\\:;|=,+*?<>@[]';
    errors.push(`runAsUserName's User cannot contain the following characters: ${characters}`);
  }
  return errors;
}

/** Windows host processes: either all containers of a pod are, or none is. */
export function validateHostProcesses(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  const containers = containersOf(spec, path);
  let count = 0;
  for (const [container, at] of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, text));
    }
    if (own ?? ofPod ?? false) count += 1;
  }
  if (count === 0) return errors;
  if (count !== containers.length) {
    const text =
      "If pod contains any hostProcess containers then all containers must be " +
      "HostProcess containers";
    errors.push(invalid(path, "", text));
  }
  if (spec.hostNetwork !== true) {
    const text = "hostNetwork must be true if pod contains any hostProcess containers";
    errors.push(invalid(`${path}.hostNetwork`, false, text));
  }
  return errors;
}
