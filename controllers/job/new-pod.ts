import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Container, Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { controllerRef } from "../common/controller-ref.js";
import {
  COMPLETION_INDEX,
  FAILURE_COUNT,
  IGNORED_FAILURE_COUNT,
  JOB_TRACKING_FINALIZER,
} from "./job-pods.js";
import type { WantedPod } from "./manage.js";

const INDEX_VARIABLE = "JOB_COMPLETION_INDEX";
/** A name that the server completes has room for this much, so that five letters fit in 63. */
const GENERATE_NAME_MAX = 58;

/** The pod that a Job makes: its template, tracked, and told its index when the Job is Indexed. */
export function newJobPod(job: Job, { index, failures }: WantedPod): NewObject<Pod> {
  const { namespace, name } = job.metadata;
  const { metadata = {}, spec = { containers: [] } } = job.spec.template;
  const indexed: { [key: string]: string } =
    index === null ? {} : { [COMPLETION_INDEX]: String(index) };
  const annotations = { ...metadata.annotations, ...indexed, ...failureCounts(failures) };
  const labels = { ...metadata.labels, ...indexed };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: generateName(name, index),
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      finalizers: [...(metadata.finalizers ?? []), JOB_TRACKING_FINALIZER],
      ownerReferences: [controllerRef(job)],
    },
    spec: index === null ? spec : withIndex(spec, `${name}-${index}`),
  };
}

function generateName(name: string, index: number | null): string {
  const suffix = index === null ? "-" : `-${index}-`;
  return `${name.slice(0, GENERATE_NAME_MAX - suffix.length)}${suffix}`;
}

function failureCounts(failures: WantedPod["failures"]): { [key: string]: string } {
  if (failures === null) return {};
  const { counted, ignored } = failures;
  return {
    [FAILURE_COUNT]: String(counted),
    ...(ignored === 0 ? {} : { [IGNORED_FAILURE_COUNT]: String(ignored) }),
  };
}

function withIndex(spec: PodSpec, hostname: string): PodSpec {
  const { initContainers } = spec;
  return {
    ...spec,
    hostname,
    containers: spec.containers.map(withVariable),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withVariable) }),
  };
}

function withVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`;
  const variable = { name: INDEX_VARIABLE, valueFrom: { fieldRef: { fieldPath } } };
  return { ...container, env: [...env, variable] };
}
