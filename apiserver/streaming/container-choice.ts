import { badRequest, type StatusBody } from "../../api/machinery/status.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";

/** The container a request means, or why it means none. */
export type ContainerChoice =
  | { readonly type: "container"; readonly name: string }
  | { readonly type: "refused"; readonly status: StatusBody };

/**
 * A pod with one container needs no name; a name must be one of the pod's, init and ephemeral
 * containers included.
 */
export function chooseContainer(pod: Pod, asked: string): ContainerChoice {
  const podName = pod.metadata.name;
  const refused = (message: string): ContainerChoice => ({
    type: "refused",
    status: badRequest(message),
  });
  const names = containerNames(pod);
  if (asked !== "") {
    if (names.includes(asked)) return { type: "container", name: asked };
    return refused(`container ${asked} is not valid for pod ${podName}`);
  }
  const [first, second] = pod.spec.containers;
  if (first === undefined) return refused(`a container name must be specified for pod ${podName}`);
  if (second === undefined) return { type: "container", name: first.name };
  const choices = `[${names.join(" ")}]`;
  return refused(
    `a container name must be specified for pod ${podName}, choose one of: ${choices}`,
  );
}

/** In the order in which users are shown them: init containers come first. */
function containerNames(pod: Pod): readonly string[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  return [...initContainers, ...containers, ...ephemeralContainers].map(({ name }) => name);
}
