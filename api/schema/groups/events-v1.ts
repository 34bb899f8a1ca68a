/** events.k8s.io/v1: see ../notation.ts for how to read this. */
export const eventsV1 = `
group events/v1 events.k8s.io/v1

kind Event events namespaced short=ev storage=core/v1.Event

type Event # Reports, for people, that something happened to an object; it is kept for a while only.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 eventTime! MicroTime # Tells when it was first seen; required.
  3 series EventSeries # Tells how often and until when it was repeated; absent means that it was seen once.
  4 reportingController string # Names the program that reports it, such as kubernetes.io/kubelet.
  5 reportingInstance string # Names the one of several such programs, such as kubelet-node-1.
  6 action string # Names what the program did, or failed to do, as one word.
  7 reason string # Says why, as one CamelCase word of at most 128 characters.
  8 regarding core/v1.ObjectReference # Points to the object that it is about.
  9 related core/v1.ObjectReference # Points to a second object that has to do with it, if any.
  10 note string # Describes it for people in at most 1 KiB.
  11 type string # Says how it is meant: Normal or Warning.
  12 deprecatedSource core/v1.EventSource # Holds the source of an event that was written through the core group.
  13 deprecatedFirstTimestamp Time # Holds the first time of an event that was written through the core group.
  14 deprecatedLastTimestamp Time # Holds the last time of an event that was written through the core group.
  15 deprecatedCount int32 # Holds the count of an event that was written through the core group.

type EventSeries # Tells about a repeated event.
  1 count! int32 # Counts how often it was seen so far.
  2 lastObservedTime! MicroTime # Tells when it was last seen.
`;
