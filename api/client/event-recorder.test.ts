import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import type { Event } from "../schema/types/core-v1.gen.js";
import { ApiError } from "./api-error.js";
import type { ApiClient } from "./client-types.js";
import { EventBroadcaster, type EventRecorder } from "./event-recorder.js";

/** Keeps events as the server would. */
class EventStore {
  readonly events = new Map<string, Event>();
  failWith: ApiError | null = null;

  client(): ApiClient {
    const create = (event: Event): Promise<Event> => {
      if (this.failWith !== null) return Promise.reject(this.failWith);
      const stored = { ...event, metadata: { ...event.metadata, resourceVersion: "1" } };
      this.events.set(event.metadata.name, stored);
      return Promise.resolve(stored);
    };
    const patch = (name: string, change: Partial<Event>): Promise<Event> => {
      const old = this.events.get(name);
      if (old === undefined) return Promise.reject(new ApiError("NotFound", "gone"));
      const stored = { ...old, ...change };
      this.events.set(name, stored);
      return Promise.resolve(stored);
    };
    return { resource: () => ({ create, patch }) } as unknown as ApiClient;
  }
}

interface Scene {
  readonly store: EventStore;
  readonly clock: ManualClock;
  readonly broadcaster: EventBroadcaster;
  readonly recorder: EventRecorder;
  /** Resolves when everything recorded was written or dropped. */
  readonly settle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

function scene(): Scene {
  const store = new EventStore();
  const clock = new ManualClock(Date.parse("2026-01-02T12:00:00Z"));
  const broadcaster = new EventBroadcaster({ client: store.client(), clock, logger: silentLogger });
  const stop = new AbortController();
  const running = broadcaster.run(stop.signal);
  return {
    store,
    clock,
    broadcaster,
    recorder: broadcaster.recorder({ component: "test-controller", host: "n1" }),
    settle: async () => {
      for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

const about = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  namespace: "d",
  name,
  uid: name,
});

void t.test("an event says who, what, when and about what", async (t) => {
  const { store, recorder, settle, stop } = scene();
  const annotations = { starved: "memory" };
  recorder.event(about("p"), "Normal", { reason: "Started", message: "Started it", annotations });
  await settle();
  t.match(
    [...store.events.values()],
    [
      {
        metadata: { name: /^p\.[0-9a-f]{10,}$/, namespace: "d", annotations },
        involvedObject: about("p"),
        type: "Normal",
        reason: "Started",
        message: "Started it",
        source: { component: "test-controller", host: "n1" },
        reportingComponent: "test-controller",
        reportingInstance: "n1",
        firstTimestamp: "2026-01-02T12:00:00Z",
        count: 1,
      },
    ],
  );
  await stop();
});

void t.test("the same again is counted on the Event that is there", async (t) => {
  const { store, clock, recorder, settle, stop } = scene();
  for (let i = 0; i < 3; i += 1) {
    recorder.event(about("p"), "Warning", { reason: "BackOff", message: "again" });
    clock.advance(1000);
    await settle();
  }
  t.match(
    [...store.events.values()],
    [{ count: 3, firstTimestamp: "2026-01-02T12:00:00Z", lastTimestamp: "2026-01-02T12:00:02Z" }],
  );
  store.events.clear(); // Events live for an hour.
  recorder.event(about("p"), "Warning", { reason: "BackOff", message: "again" });
  await settle();
  t.equal(store.events.size, 1, "made anew when it is gone");
  await stop();
});

void t.test("many similar ones become one that says so", async (t) => {
  const { store, recorder, settle, stop } = scene();
  for (let i = 0; i < 20; i += 1)
    recorder.event(about("p"), "Normal", { reason: "Created", message: `Created ${i}` });
  await settle();
  t.equal(store.events.size, 10);
  t.match([...store.events.values()].at(-1), {
    message: "(combined from similar events): Created 19",
    count: 11,
  });
  await stop();
});

void t.test("a source that talks too much about an object is cut off", async (t) => {
  const { store, clock, broadcaster, recorder, settle, stop } = scene();
  for (let i = 0; i < 40; i += 1)
    recorder.event(about("p"), "Normal", { reason: `R${i}`, message: "x" });
  recorder.event(about("other"), "Normal", { reason: "R", message: "x" });
  await settle();
  t.equal(store.events.size, 26, "25 and the one about another object");
  t.equal(broadcaster.dropped, 15);
  clock.advance(300_000);
  recorder.event(about("p"), "Normal", { reason: "Later", message: "x" });
  await settle();
  t.equal(store.events.size, 27, "one more every five minutes");
  await stop();
});

void t.test("never waits, never throws: a server that refuses costs the event", async (t) => {
  const { store, broadcaster, recorder, settle, stop } = scene();
  store.failWith = new ApiError("Forbidden", "no");
  for (let i = 0; i < 1500; i += 1)
    recorder.event(about(`p${i}`), "Normal", { reason: "R", message: "x".repeat(5000) });
  t.equal(broadcaster.dropped, 500, "the queue is bounded");
  store.failWith = null;
  await settle();
  await stop();
});
