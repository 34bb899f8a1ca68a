import type { Container, Pod } from "../../api/schema/types/core-v1.gen.js";
import type {
  ContainerConfig,
  Device,
  LinuxContainerResources,
  Mount,
  RuntimeImage,
} from "../cri/cri-types.js";
import { expandReferences } from "./expansion.js";
import { containerHash, containerKind, RUNTIME_KEYS } from "./pod-runtime.js";
import { containerSecurity } from "./security.js";

/** Where a container may leave its last words when its spec does not say. */
export const TERMINATION_MESSAGE_PATH = "/dev/termination-log";

/** What of a container is decided before: its environment, mounts, resources and attempt. */
export interface ContainerContext {
  readonly restartCount: number;
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  readonly resources: LinuxContainerResources;
  readonly image: RuntimeImage;
  readonly seccompDir: string;
  /** The container whose processes this one sees; null: those of its pod's rules. */
  readonly targetId: string | null;
  /** The file on the host behind terminationMessagePath; null where there is none. */
  readonly terminationMessageFile: string | null;
}

/**
 * The container that the spec asks for. `command` replaces the image's ENTRYPOINT and drops its
 * CMD, `args` replaces the CMD: the runtime fills in what is empty here.
 */
export function containerConfig(
  pod: Pod,
  container: Container,
  context: ContainerContext,
): ContainerConfig {
  const expand = (text: string): string => expandReferences(text, (name) => context.env.get(name));
  const terminationMessage =
    context.terminationMessageFile === null
      ? {}
      : { [RUNTIME_KEYS.terminationMessagePath]: context.terminationMessageFile };
  return {
    metadata: { name: container.name, attempt: context.restartCount },
    image: { image: context.image.id },
    command: (container.command ?? []).map(expand),
    args: (container.args ?? []).map(expand),
    workingDir: container.workingDir ?? "",
    envs: [...context.env].map(([key, value]) => ({ key, value })),
    mounts: context.mounts,
    devices: context.devices,
    labels: {
      [RUNTIME_KEYS.podName]: pod.metadata.name,
      [RUNTIME_KEYS.podNamespace]: pod.metadata.namespace ?? "",
      [RUNTIME_KEYS.podUid]: pod.metadata.uid,
      [RUNTIME_KEYS.containerName]: container.name,
    },
    annotations: {
      [RUNTIME_KEYS.kind]: containerKind(pod, container),
      [RUNTIME_KEYS.hash]: containerHash(container),
      [RUNTIME_KEYS.restartCount]: `${context.restartCount}`,
      [RUNTIME_KEYS.terminationMessagePolicy]: container.terminationMessagePolicy ?? "File",
      [RUNTIME_KEYS.graceSeconds]: `${pod.spec.terminationGracePeriodSeconds ?? 30}`,
      ...terminationMessage,
    },
    logPath: `${container.name}/${context.restartCount}.log`,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    linux: {
      resources: context.resources,
      securityContext: containerSecurity(pod, container, context),
    },
  };
}
