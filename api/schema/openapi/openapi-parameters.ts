/** What a query parameter means, and its type in OpenAPI. */
export interface QueryParameter {
  readonly type: "string" | "integer" | "boolean";
  readonly description: string;
}

/** The query parameters that operations name. */
export const QUERY_PARAMETERS: ReadonlyMap<string, QueryParameter> = new Map([
  ["allowWatchBookmarks", flag("Send events of type BOOKMARK that only carry a resourceVersion.")],
  ["command", text("The command and its arguments, one parameter each.")],
  ["container", text("The container, where the pod has more than one.")],
  ["continue", text("Where the last page of a list ended.")],
  ["dryRun", text("All: check everything, store nothing.")],
  ["fieldManager", text("Who makes the change.")],
  ["fieldSelector", text("Conditions on fields that objects must meet.")],
  ["force", flag("Server-side apply: take over what others manage.")],
  [
    "fieldValidation",
    text("What to do about unknown and repeated fields: Strict, Warn or Ignore."),
  ],
  ["follow", flag("Go on with what is written from now on.")],
  ["gracePeriodSeconds", number("Seconds that the object is given to end; 0 is at once.")],
  [
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    flag("Delete what cannot be read; refused here, where everything listed can be read."),
  ],
  ["labelSelector", text("Conditions on labels that objects must meet.")],
  ["limit", number("How many objects a page of the list holds at most.")],
  ["limitBytes", number("After how many bytes the text ends.")],
  ["orphanDependents", flag("The old form of propagationPolicy.")],
  ["path", text("The rest of the path of a proxied call.")],
  ["ports", number("A port to forward.")],
  ["pretty", text("Whether JSON is laid out for people: true or false.")],
  ["previous", flag("The text of the container that ran before this one.")],
  ["propagationPolicy", text("What becomes of dependents: Orphan, Background or Foreground.")],
  ["resourceVersion", text("The state to read, or to watch from.")],
  ["resourceVersionMatch", text("How resourceVersion is meant: Exact or NotOlderThan.")],
  ["sendInitialEvents", flag("Begin a watch with the present state, ended by a bookmark.")],
  ["sinceSeconds", number("Only what was written in the last seconds.")],
  ["stderr", flag("Connect the standard error.")],
  ["stdin", flag("Connect the standard input.")],
  ["stdout", flag("Connect the standard output.")],
  ["tailLines", number("Only the last lines.")],
  ["timeoutSeconds", number("After how many seconds the list or watch ends.")],
  ["timestamps", flag("A timestamp before every line.")],
  ["tty", flag("Connect a terminal.")],
  ["watch", flag("Answer with changes as they happen.")],
]);

export const PRETTY = "pretty";
const IGNORE_READ_ERRORS = "ignoreStoreReadErrorWithClusterBreakingPotential";
export const LIST_QUERY = [
  "allowWatchBookmarks",
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  PRETTY,
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
  "watch",
];
export const WRITE_QUERY = ["dryRun", "fieldManager", "fieldValidation", PRETTY];
export const PATCH_QUERY = ["dryRun", "fieldManager", "fieldValidation", "force", PRETTY];
export const DELETE_QUERY = [
  "dryRun",
  "gracePeriodSeconds",
  IGNORE_READ_ERRORS,
  "orphanDependents",
  PRETTY,
  "propagationPolicy",
];
export const COLLECTION_QUERY = [
  "continue",
  "dryRun",
  "fieldSelector",
  "gracePeriodSeconds",
  IGNORE_READ_ERRORS,
  "labelSelector",
  "limit",
  "orphanDependents",
  PRETTY,
  "propagationPolicy",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
];
export const STREAM_QUERY: ReadonlyMap<string, readonly string[]> = new Map([
  ["attach", ["container", "stderr", "stdin", "stdout", "tty"]],
  ["exec", ["command", "container", "stderr", "stdin", "stdout", "tty"]],
  ["portforward", ["ports"]],
  ["proxy", ["path"]],
  [
    "log",
    [
      "container",
      "follow",
      "limitBytes",
      PRETTY,
      "previous",
      "sinceSeconds",
      "tailLines",
      "timestamps",
    ],
  ],
]);

function flag(description: string): QueryParameter {
  return { type: "boolean", description };
}

function text(description: string): QueryParameter {
  return { type: "string", description };
}

function number(description: string): QueryParameter {
  return { type: "integer", description };
}
