import { encodeProtobufWatchEvent } from "../../api/schema/protobuf.js";
import type { StatusBody } from "../../api/machinery/status.js";
import type { CachedObject, CacheEvent } from "../storage/resource-cache.js";
import { type Selection, selects } from "../storage/selection.js";
import { withRevision } from "../storage/stored-bytes.js";
import type { ObjectEncoder } from "./encoder.js";
import type { FieldView } from "./field-view.js";

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";

/** Turns events into what goes over the wire, in the format the watch was opened with. */
export class WatchEncoder {
  private readonly encoder: ObjectEncoder;
  /** A Table's columns are sent with its first event alone. */
  private columnsSent = false;

  constructor(encoder: ObjectEncoder) {
    this.encoder = encoder;
  }

  get contentType(): string {
    const { contentType } = this.encoder;
    return this.encoder.form.format === "json" ? contentType : `${contentType};stream=watch`;
  }

  /** An object that was there when the watch began. */
  added(object: CachedObject): Uint8Array {
    return this.frame("ADDED", this.objectOf(object));
  }

  /**
   * What an event means to a watcher of `selection`: null when nothing. An object that leaves the
   * selection is DELETED for it, one that enters ADDED.
   */
  change(event: CacheEvent, selection: Selection): Uint8Array | null {
    // Many watchers send the same bytes for the same reason: they are put together once.
    const { sharesItems: shared, fieldView: view } = this.encoder;
    const isLast = last.event === event && last.selection === selection.text && last.view === view;
    if (shared && isLast) return last.bytes;
    const { current, previous } = event;
    const was = previous !== null && selects(selection, previous);
    const is = current !== null && selects(selection, current);
    const type = is ? (was ? "MODIFIED" : "ADDED") : "DELETED";
    const object = is ? current : was ? previous : null;
    const isNews = object !== null && (view === null || type !== "MODIFIED" || view.tells(event));
    const bytes = isNews ? this.event(type, object, event) : null;
    if (shared) last = { event, selection: selection.text, view, bytes };
    return bytes;
  }

  private event(
    type: "ADDED" | "MODIFIED" | "DELETED",
    object: CachedObject,
    event: CacheEvent,
  ): Uint8Array {
    if (this.encoder.fieldView === null || type !== "DELETED") {
      return this.frame(type, this.objectOf(atRevision(type, object, event)));
    }
    // What was narrowed already is not narrowed anew for another revision.
    return this.frame(type, withRevision(this.objectOf(object), event.revision));
  }

  /**
   * Says that everything up to `revision` was sent; `initial`: that the present state is through.
   */
  bookmark(revision: number, initial: boolean): Uint8Array {
    const { kind } = this.encoder.view;
    const { as, asApiVersion } = this.encoder.form;
    const annotations = initial ? { annotations: { "k8s.io/initial-events-end": "true" } } : {};
    const metadata = {
      resourceVersion: String(revision),
      // Kubernetes' objects have this field even where they have nothing to say.
      creationTimestamp: null,
      ...annotations,
    };
    if (as === "Table") {
      const meta = { resourceVersion: String(revision) };
      const row = {
        cells: [],
        object: { kind: "PartialObjectMetadata", apiVersion: asApiVersion, metadata },
      };
      const rows = [Buffer.from(JSON.stringify(row))];
      return this.frame("BOOKMARK", this.encoder.tableJson(rows, meta, this.takeColumns()));
    }
    const type =
      as === null
        ? { kind: kind.kind, apiVersion: kind.apiVersion }
        : { kind: as, apiVersion: asApiVersion };
    return this.frame("BOOKMARK", Buffer.from(JSON.stringify({ ...type, metadata })));
  }

  error(status: StatusBody): Uint8Array {
    return this.frame("ERROR", Buffer.from(JSON.stringify(status)));
  }

  private objectOf(object: CachedObject): Buffer {
    if (this.encoder.form.as !== "Table") return this.encoder.item(object);
    const meta = { resourceVersion: String(object.revision) };
    return this.encoder.tableJson([this.encoder.row(object)], meta, this.takeColumns());
  }

  private takeColumns(): boolean {
    const first = !this.columnsSent;
    this.columnsSent = true;
    return first;
  }

  private frame(type: WatchEventType, object: Buffer): Uint8Array {
    switch (this.encoder.form.format) {
      case "json":
        return Buffer.concat([HEADS[type], object, TAIL]);
      case "yaml": {
        const document = { type, object: JSON.parse(object.toString()) as unknown };
        return Buffer.concat([Buffer.from("---\n"), this.encoder.document(toJson(document))]);
      }
      case "protobuf":
        return framed(encodeProtobufWatchEvent(type, this.encoder.document(object)));
    }
  }
}

/** The last frame that others may want too, and for whom it was made. */
let last: {
  readonly event: CacheEvent | null;
  readonly selection: string;
  readonly view: FieldView | null;
  readonly bytes: Uint8Array | null;
} = { event: null, selection: "", view: null, bytes: null };

const TAIL = Buffer.from("}\n");
const HEADS: Readonly<Record<WatchEventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
  ERROR: Buffer.from('{"type":"ERROR","object":'),
};

/** What a DELETED event shows is the last state, at the revision at which it left. */
function atRevision(type: WatchEventType, object: CachedObject, event: CacheEvent): CachedObject {
  if (type !== "DELETED") return object;
  return { ...object, value: withRevision(object.value, event.revision), revision: event.revision };
}

function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** A frame of a protobuf watch: 4 bytes of length, big-endian, and the message. */
function framed(message: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  return Buffer.concat([length, message]);
}
