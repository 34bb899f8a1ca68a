import type { Container, Pod, PodSpec } from "../../api/schema/types/core-v1.gen.js";
import { type ContainerRecord, containerHash, type PodRuntime } from "./pod-runtime.js";

/** A pod for tables of cases. */
export function aPod(spec: Partial<PodSpec> = {}, status: Pod["status"] = {}): Pod {
  const creationTimestamp = "2026-01-01T00:00:00Z";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "p",
      namespace: "ns",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp,
      generation: 3,
      labels: { app: "web" },
      annotations: { note: 'say "hi"' },
    },
    spec: { containers: [aContainer("main")], ...spec },
    status,
  };
}

/** A container of its spec. */
export function aContainer(name: string, rest: Partial<Container> = {}): Container {
  return { name, image: "image:1", ...rest };
}

/** An attempt to run the container `name` in sandbox s1. */
export function aRecord(name: string, rest: Partial<ContainerRecord> = {}): ContainerRecord {
  const id = rest.id ?? `${name}-1`;
  return {
    id,
    uri: `containerd://${id}`,
    name,
    sandboxId: "s1",
    state: "running",
    restartCount: 0,
    hash: containerHash(aContainer(name)),
    image: "image:1",
    imageRef: "sha256:1",
    createdAtMs: 1,
    startedAtMs: 1,
    finishedAtMs: 0,
    startedAt: "2026-01-01T00:00:01Z",
    finishedAt: "",
    exitCode: 0,
    reason: "",
    message: "",
    logPath: "",
    ...rest,
  };
}

/** An attempt that has ended. */
export function ended(
  name: string,
  exitCode: number,
  rest: Partial<ContainerRecord> = {},
): ContainerRecord {
  const finishedAt = "2026-01-01T00:00:02Z";
  return aRecord(name, { state: "exited", exitCode, finishedAtMs: 2, finishedAt, ...rest });
}

/** A pod's runtime with one ready sandbox and these containers, newest first. */
export function running(...containers: readonly ContainerRecord[]): PodRuntime {
  const sandbox = { id: "s1", ready: true, attempt: 0, createdAtMs: 0, ips: ["10.0.0.2"] };
  return { sandboxes: [sandbox], containers };
}

/** The same with a sandbox that has died. */
export function sandboxDead(...containers: readonly ContainerRecord[]): PodRuntime {
  const sandbox = { id: "s1", ready: false, attempt: 0, createdAtMs: 0, ips: [] };
  return { sandboxes: [sandbox], containers };
}
