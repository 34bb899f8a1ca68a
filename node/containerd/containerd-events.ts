import type protobuf from "protobufjs";
import { type CriError, toCriError } from "../cri/cri-error.js";
import { GrpcChannel, parseProto } from "../cri/grpc-channel.js";

/** The part of containerd's own event service that tells of ended tasks. */
const EVENTS_PROTO = `
syntax = "proto3";
package containerd.services.events.v1;
message SubscribeRequest { repeated string filters = 1; }
message Envelope { string namespace = 2; string topic = 3; Any event = 4; }
message Any { string type_url = 1; bytes value = 2; }
message TaskExit { string container_id = 1; string id = 2; }
`;

interface Envelope {
  readonly event: { readonly value: Uint8Array } | null;
}

/**
 * Calls `onExit` with the id of each container or sandbox whose first process ends (null: of one
 * that is not named), until the signal aborts or the stream ends. The ends of commands run in it
 * (probes, for one) are passed over. For containerd before 1.7, which has no GetContainerEvents.
 * Throws CriError.
 */
export async function watchContainerdExits(
  socketPath: string,
  onExit: (id: string | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const service = "containerd.services.events.v1.Events";
  const root = parseProto(EVENTS_PROTO);
  const taskExit = root.lookupType("containerd.services.events.v1.TaskExit");
  const channel = new GrpcChannel(
    { target: `unix:${socketPath}`, metadata: { "containerd-namespace": "k8s.io" } },
    {
      root,
      methods: { Subscribe: { service, request: "SubscribeRequest", response: "Envelope" } },
    },
  );
  const request = { filters: ['topic=="/tasks/exit",namespace=="k8s.io"'] };
  try {
    const onMessage = ({ event }: Envelope): void => {
      if (event === null) return onExit(null);
      const id = endedContainer(taskExit, event.value);
      if (id !== null) onExit(id);
    };
    await channel.stream("Subscribe", request, { signal, onMessage });
  } catch (cause) {
    throw toCriError("Subscribe", cause) satisfies CriError;
  } finally {
    channel.close();
  }
}

/** A process whose id is its container's is the container's first; null: it is another. */
function endedContainer(taskExit: protobuf.Type, bytes: Uint8Array): string | null {
  const { containerId, id } = taskExit.toObject(taskExit.decode(bytes), { defaults: true });
  return containerId === id ? String(id) : null;
}
