import type { Container, ContainerStatus, Pod } from "../../api/schema/types/core-v1.gen.js";
import {
  condition,
  type Family,
  kindMetrics,
  oneOf,
  ownerSamples,
  resourceSamples,
  type Sample,
  seconds,
} from "./family.js";

const PHASES = ["Pending", "Succeeded", "Failed", "Unknown", "Running"];
const REASONS = ["Evicted", "NodeAffinity", "NodeLost", "Shutdown", "UnexpectedAdmissionError"];

export const POD_METRICS = kindMetrics<Pod>({
  resource: { group: "", resource: "pods" },
  names: ({ metadata: { namespace, name, uid } }) => ({ namespace, pod: name, uid }),
  families: [
    {
      name: "kube_pod_info",
      help: "Information about pod.",
      of: ({ metadata, spec, status }) => {
        const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
        return [
          [
            {
              host_ip: status?.hostIP ?? "",
              pod_ip: status?.podIP ?? "",
              node: spec.nodeName ?? "",
              created_by_kind: owner?.kind ?? "",
              created_by_name: owner?.name ?? "",
              priority_class: spec.priorityClassName ?? "",
              host_network: String(spec.hostNetwork ?? false),
            },
            1,
          ],
        ];
      },
    },
    time("kube_pod_created", "Unix creation timestamp", (pod) => pod.metadata.creationTimestamp),
    time("kube_pod_start_time", "Start time in unix timestamp for a pod.", startTime),
    time(
      "kube_pod_completion_time",
      "Completion time in unix timestamp for a pod.",
      completionTime,
    ),
    time(
      "kube_pod_deletion_timestamp",
      "Unix deletion timestamp",
      (pod) => pod.metadata.deletionTimestamp,
    ),
    {
      name: "kube_pod_owner",
      help: "Information about the Pod's owner.",
      of: ({ metadata }) => ownerSamples(metadata),
    },
    {
      name: "kube_pod_restart_policy",
      help: "Describes the restart policy in use by this pod.",
      of: ({ spec }) => [[{ type: spec.restartPolicy ?? "Always" }, 1]],
    },
    {
      name: "kube_pod_status_phase",
      help: "The pods current phase.",
      of: ({ status }) => oneOf("phase", PHASES, status?.phase),
    },
    {
      name: "kube_pod_status_reason",
      help: "The pod status reasons",
      of: ({ status }) => oneOf("reason", REASONS, status?.reason),
    },
    condition(
      "kube_pod_status_ready",
      "Describes whether the pod is ready to serve requests.",
      "Ready",
    ),
    condition(
      "kube_pod_status_scheduled",
      "Describes the status of the scheduling process for the pod.",
      "PodScheduled",
    ),
    {
      name: "kube_pod_status_unschedulable",
      help: "Describes the unschedulable status for the pod.",
      of: ({ status }) => {
        const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
        const isUnschedulable =
          scheduled?.status === "False" && scheduled.reason === "Unschedulable";
        return isUnschedulable ? 1 : undefined;
      },
    },
    {
      name: "kube_pod_spec_volumes_persistentvolumeclaims_info",
      help: "Information about persistentvolumeclaim volumes in a pod.",
      of: ({ spec }) =>
        (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim: claim }): Sample[] =>
          claim === undefined
            ? []
            : [[{ volume: name, persistentvolumeclaim: claim.claimName }, 1]],
        ),
    },
    ...resources("requests", "The number of requested request resource by a container."),
    ...resources("limits", "The number of requested limit resource by a container."),
    ...containerFamilies("container", ({ status }) => status?.containerStatuses),
    ...containerFamilies("init_container", ({ status }) => status?.initContainerStatuses),
  ],
});

function time(name: string, help: string, of: (pod: Pod) => string | undefined): Family<Pod> {
  return { name, help, of: (pod) => seconds(of(pod)) };
}

function startTime({ status }: Pod): string | undefined {
  return status?.startTime;
}

function completionTime({ status }: Pod): string | undefined {
  if (status?.phase !== "Succeeded" && status?.phase !== "Failed") return undefined;
  const ends = (status.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt);
  return ends
    .filter((end) => end !== undefined)
    .sort()
    .at(-1);
}

function resources(field: "requests" | "limits", help: string): Family<Pod>[] {
  const of = (containers: readonly Container[] | undefined, node: string | undefined): Sample[] =>
    (containers ?? []).flatMap(({ name, resources: wanted }) =>
      resourceSamples(wanted?.[field], { container: name, node: node ?? "" }),
    );
  return [
    {
      name: `kube_pod_container_resource_${field}`,
      help,
      of: ({ spec }) => of(spec.containers, spec.nodeName),
    },
    {
      name: `kube_pod_init_container_resource_${field}`,
      help: help.replace("a container", "an init container"),
      of: ({ spec }) => of(spec.initContainers, spec.nodeName),
    },
  ];
}

const reason = (value: string | undefined): readonly Sample[] =>
  value === undefined || value === "" ? [] : [[{ reason: value }, 1]];
const flag = (value: unknown): readonly Sample[] => [[{}, value ? 1 : 0]];

/** What a container's status says; names begin with kube_pod_container_ or init_container_. */
function statusFamilies(): readonly {
  readonly name: string;
  readonly help: string;
  readonly type?: "counter";
  readonly of: (status: ContainerStatus) => readonly Sample[];
}[] {
  return [
    {
      name: "info",
      help: "Information about a container in a pod.",
      of: ({ image, imageID, containerID }) => [
        [{ image_spec: image, image, image_id: imageID, container_id: containerID ?? "" }, 1],
      ],
    },
    {
      name: "status_waiting",
      help: "Describes whether the container is currently in waiting state.",
      of: ({ state }) => flag(state?.waiting),
    },
    {
      name: "status_waiting_reason",
      help: "Describes the reason the container is currently in waiting state.",
      of: ({ state }) => reason(state?.waiting?.reason),
    },
    {
      name: "status_running",
      help: "Describes whether the container is currently in running state.",
      of: ({ state }) => flag(state?.running),
    },
    {
      name: "status_terminated",
      help: "Describes whether the container is currently in terminated state.",
      of: ({ state }) => flag(state?.terminated),
    },
    {
      name: "status_terminated_reason",
      help: "Describes the reason the container is currently in terminated state.",
      of: ({ state }) => reason(state?.terminated?.reason),
    },
    {
      name: "status_last_terminated_reason",
      help: "Describes the last reason the container was in terminated state.",
      of: ({ lastState }) => reason(lastState?.terminated?.reason),
    },
    {
      name: "status_ready",
      help: "Describes whether the containers readiness check succeeded.",
      of: ({ ready }) => flag(ready),
    },
    {
      name: "status_restarts_total",
      help: "The number of container restarts per container.",
      type: "counter",
      of: ({ restartCount }) => [[{}, restartCount]],
    },
  ];
}

function containerFamilies(
  word: "container" | "init_container",
  statusesOf: (pod: Pod) => readonly ContainerStatus[] | undefined,
): Family<Pod>[] {
  return statusFamilies().map(({ name, of, ...rest }) => {
    const samples = (status: ContainerStatus): Sample[] =>
      of(status).map(([labels, value]) => [{ container: status.name, ...labels }, value]);
    return {
      name: `kube_pod_${word}_${name}`,
      ...rest,
      of: (pod) => (statusesOf(pod) ?? []).flatMap(samples),
    };
  });
}
