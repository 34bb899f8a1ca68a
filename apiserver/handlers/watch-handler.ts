import { type StatusBody, tooOldResourceVersion } from "../../api/machinery/status.js";
import type { ApiResponse, ResponseSink } from "../server/http-types.js";
import type { ListOptions } from "../storage/list-options.js";
import { parseListOptions } from "../storage/list-options.js";
import type { Reader } from "../storage/reader.js";
import type { CachedObject } from "../storage/resource-cache.js";
import { type Selection, selectedOf, withoutOwnFields } from "../storage/selection.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { FanOut } from "./fan-out.js";
import { encoderFor } from "./output.js";
import { orFail, selectionOf } from "./read-handlers.js";
import { WatchEncoder } from "./watch-encoder.js";
import { ConvertedEvents } from "./converted-events.js";
import type { ObjectEncoder } from "./encoder.js";
import { WatchSession, type WatchSessionOptions } from "./watch-session.js";

/**
 * Without a timeout of its own a watch ends after 30 to 60 minutes, so that clients spread over
 * servers again.
 */
const WATCH_SECONDS_MIN = 1_800;

/** One for the event loop: what it bounds is how long that stands still. */
const FAN_OUT = new FanOut({ schedule: setImmediate, nowMs: () => performance.now() });

/** GET with watch=1. */
export async function watchObjects(
  call: ResourceCall,
  deps: HandlerDeps & { readonly reader: Reader },
): Promise<ApiResponse> {
  const encoder = encoderFor(call, deps, { fields: true });
  const options = orFail(parseListOptions(call.request.query, "watch"));
  const selection = selectionOf(call, options, deps);
  const before = call.view.remote === undefined ? selection : withoutOwnFields(selection);
  const start = await startOf(call, { options, selection: before }, deps);
  const watchEncoder = new WatchEncoder(encoder);
  const headers = { "content-type": watchEncoder.contentType };
  if ("expired" in start) {
    // As in Kubernetes an event, not a failed request: clients look for it there.
    const bytes = watchEncoder.error(start.expired);
    const told = async (sink: ResponseSink): Promise<void> => sink.write(bytes);
    return { status: 200, headers, body: { type: "stream", run: told } };
  }
  const converted = await encoder.inVersion(start.initial);
  const initial = converted === start.initial ? converted : await selectedOf(converted, selection);
  const timeoutSeconds =
    options.timeoutSeconds || WATCH_SECONDS_MIN + deps.random.below(WATCH_SECONDS_MIN);
  const run = async (sink: ResponseSink): Promise<void> => {
    const session = new WatchSession({
      ...start,
      ...eventsOf(call, { encoder, from: start.revision }, deps),
      initial,
      selection,
      encoder: watchEncoder,
      fanOut: FAN_OUT,
      sink,
      clock: deps.clock,
      timeoutMs: timeoutSeconds * 1000,
      bookmarks: options.allowWatchBookmarks,
    });
    await session.run();
  };
  return { status: 200, headers, body: { type: "stream", run } };
}

/** The events of a resource, converted where somebody else has to do that. */
function eventsOf(
  call: ResourceCall,
  { encoder, from }: { readonly encoder: ObjectEncoder; readonly from: number },
  { cache }: HandlerDeps,
): Pick<WatchSessionOptions, "resource" | "reached"> {
  const resource = cache.of(call.view.id);
  const reached = (): number => cache.revision;
  if (call.view.remote === undefined) return { resource, reached };
  const converted = new ConvertedEvents(resource, { encoder, from, reached });
  return { resource: converted, reached: () => converted.reached };
}

interface WatchStart {
  /** Sent first, as ADDED. */
  readonly initial: readonly CachedObject[];
  /** Events after this revision follow. */
  readonly revision: number;
  /** True: a bookmark says when the initial events are through. */
  readonly initialBookmark: boolean;
}

/**
 * Where a watch begins: from a given revision on, events alone; without one, or with 0, first the
 * present state. `expired` (410): history no longer reaches back that far.
 */
async function startOf(
  call: ResourceCall,
  wanted: { readonly options: ListOptions; readonly selection: Selection },
  deps: HandlerDeps & { readonly reader: Reader },
): Promise<WatchStart | { readonly expired: StatusBody }> {
  const { options, selection } = wanted;
  const { signal } = call.request;
  const resource = deps.cache.of(call.view.id);
  const { revision, sendInitialEvents } = options;
  const initial = sendInitialEvents ?? (revision === null || revision === 0);
  if (revision === null || revision === 0) await deps.reader.reach(options, signal);
  else if (initial) await deps.reader.reach(options, signal);
  if (initial) {
    const { namespace, interest } = selection;
    const present = resource.list({ namespace, indexed: interest.indexed });
    const at = deps.cache.revision;
    return {
      // A copy: what changes meanwhile does not change it, and comes as events after `at`.
      initial: await selectedOf(present, selection),
      revision: at,
      initialBookmark: sendInitialEvents === true,
    };
  }
  const from = revision === null || revision === 0 ? deps.cache.revision : revision;
  if (from < deps.cache.revision && !resource.reaches(from)) {
    const oldest = String(resource.oldestRevision);
    return { expired: tooOldResourceVersion(String(from), oldest) };
  }
  return { initial: [], revision: from, initialBookmark: false };
}
