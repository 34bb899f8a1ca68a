import { BoundedQueue } from "../../base/bounded-queue.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Event, ObjectReference } from "../schema/types/core-v1.gen.js";
import type { KubernetesObject, NewObject } from "../schema/wire-types.js";
import { isApiError, isNamespaceTerminating, isNotFound } from "./api-error.js";
import type { ApiClient, ResourceClient } from "./client-types.js";
import { type CorrelatedEvent, EventCorrelator, type EventFacts } from "./event-correlator.js";
import { EVENTS } from "./resource-types.js";
import { whenAborted } from "./waiting.js";

/** Who speaks in an Event. */
export interface EventSourceInfo {
  /** Such as `deployment-controller`. */
  readonly component: string;
  /** The node, for events of its agent. */
  readonly host?: string;
}

/**
 * Writes Events about objects. Never waits and never throws: an event that cannot be written is
 * dropped and counted.
 */
export interface EventRecorder {
  /**
   * `reason` in CamelCase, `message` a sentence for people; `annotations`, for programs, are those
   * of the first of equal events.
   */
  event(
    regarding: KubernetesObject | ObjectReference,
    type: "Normal" | "Warning",
    note: {
      readonly reason: string;
      readonly message: string;
      readonly annotations?: Readonly<Record<string, string>>;
    },
  ): void;
}

/** What a broadcaster needs of its process. */
export interface EventBroadcasterDeps {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
}

const QUEUE_LIMIT = 1000;
const WRITE_TIMEOUT_MS = 5000;
const MESSAGE_BYTES_MAX = 1024;

interface Pending {
  readonly source: EventSourceInfo;
  readonly facts: EventFacts;
  readonly annotations: Readonly<Record<string, string>> | undefined;
  /** When it was recorded, in ms since 1970. */
  readonly notedMs: number;
}

/**
 * Takes events from many recorders and writes them one after the other: repeated ones as a count on
 * the Event that is there, many similar ones as one that says so, and not more than a few from one
 * source about one object.
 */
export class EventBroadcaster {
  private readonly deps: EventBroadcasterDeps;
  private readonly events: ResourceClient<Event>;
  private readonly queue = new BoundedQueue<Pending>(QUEUE_LIMIT);
  private readonly correlator: EventCorrelator;
  private wake = (): void => {};
  private droppedCount = 0;

  constructor(deps: EventBroadcasterDeps) {
    this.deps = deps;
    this.events = deps.client.resource(EVENTS);
    this.correlator = new EventCorrelator(deps.clock);
  }

  /** Events lost because the queue was full or the server refused them. */
  get dropped(): number {
    return this.droppedCount;
  }

  /** A recorder that speaks as `source`. */
  recorder(source: EventSourceInfo): EventRecorder {
    return {
      event: (regarding, type, { reason, message, annotations }) => {
        const facts: EventFacts = {
          regarding: referenceTo(regarding),
          component: source.component,
          host: source.host ?? "",
          type,
          reason,
          message: clip(message),
        };
        const notedMs = this.deps.clock.nowMs();
        if (!this.queue.offer({ source, facts, annotations, notedMs })) this.droppedCount += 1;
        this.wake();
      },
    };
  }

  /** Writes until the signal aborts; what is queued then is lost. */
  async run(signal: AbortSignal): Promise<void> {
    const aborted = whenAborted(signal);
    while (!signal.aborted) {
      const pending = this.queue.poll();
      if (pending === undefined) {
        const woken = new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        await Promise.race([woken, aborted]);
        continue;
      }
      await this.write(pending, signal);
    }
  }

  private async write(pending: Pending, signal: AbortSignal): Promise<void> {
    const { facts, notedMs } = pending;
    const event = this.correlator.correlate(facts, notedMs);
    if (event === null) {
      this.droppedCount += 1;
      return;
    }
    try {
      const { name, resourceVersion } = await this.send(event, pending, signal);
      this.correlator.written(event, { name, resourceVersion });
    } catch (error) {
      this.droppedCount += 1;
      if (signal.aborted || isNamespaceTerminating(error)) return;
      if (!isApiError(error)) throw error;
      this.deps.logger.warn("event not written", { reason: facts.reason, error });
    }
  }

  private async send(
    event: CorrelatedEvent,
    pending: Pending,
    signal: AbortSignal,
  ): Promise<Event["metadata"]> {
    const options = { signal, timeoutMs: WRITE_TIMEOUT_MS };
    const namespace = namespaceOf(event.facts.regarding);
    if (event.written !== null) {
      const lastTimestamp = timestamp(event.lastMs);
      const patch = { count: event.count, lastTimestamp, message: event.message };
      try {
        const patched = await this.events.patch(event.written.name, patch, {
          ...options,
          namespace,
          type: "strategic",
        });
        return patched.metadata;
      } catch (error) {
        if (!isNotFound(error)) throw error; // An Event lives for an hour: it may be gone by now.
      }
    }
    return (await this.events.create(newEvent(event, pending), options)).metadata;
  }
}

function newEvent(
  event: CorrelatedEvent,
  { source, annotations }: Pick<Pending, "source" | "annotations">,
): NewObject<Event> {
  const { facts } = event;
  const unique = (BigInt(Math.floor(event.lastMs)) * 1_000_000n + BigInt(event.serial)).toString(
    16,
  );
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: {
      name: `${facts.regarding.name ?? "unknown"}.${unique}`,
      namespace: namespaceOf(facts.regarding),
      ...(annotations === undefined ? {} : { annotations }),
    },
    involvedObject: facts.regarding,
    type: facts.type,
    reason: facts.reason,
    message: event.message,
    source: source.host === undefined ? { component: source.component } : { ...source },
    reportingComponent: source.component,
    reportingInstance: source.host ?? "",
    firstTimestamp: timestamp(event.firstMs),
    lastTimestamp: timestamp(event.lastMs),
    count: event.count,
  };
}

/** Events about objects without a namespace are kept in `default`. */
function namespaceOf(regarding: ObjectReference): string {
  return regarding.namespace === undefined || regarding.namespace === ""
    ? "default"
    : regarding.namespace;
}

/** What an Event says of the object it is about. */
export function referenceTo(object: KubernetesObject | ObjectReference): ObjectReference {
  if (!("metadata" in object)) return object;
  const { namespace, name, uid, resourceVersion } = object.metadata;
  const { apiVersion, kind } = object;
  return {
    apiVersion,
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    resourceVersion,
  };
}

function clip(message: string): string {
  return message.length <= MESSAGE_BYTES_MAX
    ? message
    : `${message.slice(0, MESSAGE_BYTES_MAX - 3)}...`;
}

function timestamp(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
