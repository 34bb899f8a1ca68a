import type {
  AppArmorProfile,
  Container,
  Pod,
  SeccompProfile,
  SELinuxOptions,
} from "../../api/schema/types/core-v1.gen.js";
import type {
  LinuxContainerSecurityContext,
  LinuxSandboxSecurityContext,
  NamespaceOption,
  RuntimeImage,
  SecurityProfile,
} from "../cri/cri-types.js";

const MASKED_PATHS: readonly string[] = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const READONLY_PATHS: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

/** Which of the host's namespaces the pod shares. */
export function namespaceOptions(pod: Pod): NamespaceOption {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const pid = hostPID === true ? "NODE" : shareProcessNamespace === true ? "POD" : "CONTAINER";
  return {
    network: hostNetwork === true ? "NODE" : "POD",
    pid,
    ipc: hostIPC === true ? "NODE" : "POD",
  };
}

/** The security settings of the pod's sandbox. */
export function sandboxSecurity(pod: Pod): LinuxSandboxSecurityContext {
  const context = pod.spec.securityContext ?? {};
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  return {
    namespaceOptions: namespaceOptions(pod),
    privileged: containers.some((container) => container.securityContext?.privileged === true),
    seccomp: { profileType: "RuntimeDefault" },
    supplementalGroups: supplementalGroups(pod),
    ...userAndGroup(context.runAsUser, context.runAsGroup),
    ...seLinux(context.seLinuxOptions),
  };
}

/**
 * The security settings of a container: its own win over the pod's. `seccompDir` holds Localhost
 * profiles.
 */
export function containerSecurity(
  pod: Pod,
  container: Container,
  options: {
    readonly image: RuntimeImage;
    readonly seccompDir: string;
    readonly targetId: string | null;
  },
): LinuxContainerSecurityContext {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const privileged = own.privileged === true;
  const unmasked = privileged || own.procMount === "Unmasked";
  const user = own.runAsUser ?? shared.runAsUser ?? options.image.uid?.value;
  const { username } = options.image;
  return {
    privileged,
    namespaceOptions:
      options.targetId === null
        ? namespaceOptions(pod)
        : { ...namespaceOptions(pod), pid: "TARGET", targetId: options.targetId },
    readonlyRootfs: own.readOnlyRootFilesystem === true,
    noNewPrivs: own.allowPrivilegeEscalation === false,
    supplementalGroups: supplementalGroups(pod),
    maskedPaths: unmasked ? [] : MASKED_PATHS,
    readonlyPaths: unmasked ? [] : READONLY_PATHS,
    seccomp: seccompProfile(own.seccompProfile ?? shared.seccompProfile, options.seccompDir),
    ...(own.capabilities === undefined
      ? {}
      : {
          capabilities: {
            addCapabilities: own.capabilities.add ?? [],
            dropCapabilities: own.capabilities.drop ?? [],
          },
        }),
    ...(user === undefined && username !== "" ? { runAsUsername: username } : {}),
    ...userAndGroup(user, own.runAsGroup ?? shared.runAsGroup),
    ...seLinux(own.seLinuxOptions ?? shared.seLinuxOptions),
    ...appArmor(own.appArmorProfile ?? shared.appArmorProfile),
  };
}

/** Why the container must not run although it says runAsNonRoot; null: it may. */
export function rootRefusal(pod: Pod, container: Container, image: RuntimeImage): string | null {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) return null;
  const { name, namespace = "", uid } = pod.metadata;
  const about = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  const user = own.runAsUser ?? shared.runAsUser;
  if (user !== undefined)
    return user === 0 ? `container's runAsUser breaks non-root policy ${about}` : null;
  if (image.uid !== null && image.uid.value !== 0) return null;
  if (image.uid === null && image.username !== "")
    return (
      `container has runAsNonRoot and image has non-numeric user (${image.username}), ` +
      `cannot verify user is non-root ${about}`
    );
  return `container has runAsNonRoot and image will run as root ${about}`;
}

function supplementalGroups(pod: Pod): readonly number[] {
  const { fsGroup, supplementalGroups: groups = [] } = pod.spec.securityContext ?? {};
  return fsGroup === undefined ? groups : [...groups, fsGroup];
}

/** CRI refuses a group without a user: root is what an image without a user runs as. */
function userAndGroup(
  user: number | undefined,
  group: number | undefined,
): Pick<LinuxContainerSecurityContext, "runAsUser" | "runAsGroup"> {
  if (user === undefined && group === undefined) return {};
  return {
    runAsUser: { value: user ?? 0 },
    ...(group === undefined ? {} : { runAsGroup: { value: group } }),
  };
}

function seccompProfile(profile: SeccompProfile | undefined, dir: string): SecurityProfile {
  switch (profile?.type) {
    case "RuntimeDefault":
      return { profileType: "RuntimeDefault" };
    case "Localhost":
      return {
        profileType: "Localhost",
        localhostRef: `${dir}/${profile.localhostProfile ?? ""}`,
      };
    case undefined:
    default:
      return { profileType: "Unconfined" };
  }
}

/** None: the runtime's own, where the kernel has AppArmor. */
function appArmor(
  profile: AppArmorProfile | undefined,
): Pick<LinuxContainerSecurityContext, "apparmor"> {
  if (profile === undefined) return {};
  const profileType = profile.type as SecurityProfile["profileType"];
  const { localhostProfile } = profile;
  return {
    apparmor:
      localhostProfile === undefined
        ? { profileType }
        : { profileType, localhostRef: localhostProfile },
  };
}

function seLinux(
  options: SELinuxOptions | undefined,
): Pick<LinuxContainerSecurityContext, "selinuxOptions"> {
  return options === undefined ? {} : { selinuxOptions: options };
}
