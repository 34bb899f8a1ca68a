import type { KubernetesObject } from "../../api/schema/wire-types.js";
import { assert } from "../../base/assert.js";
import { encodeDocument } from "../server/document.js";
import { MEDIA_TYPES, type OutputForm } from "../server/negotiation.js";
import type { CachedObject } from "../storage/resource-cache.js";
import type { Overlay } from "../storage/overlay.js";
import type { FieldView } from "./field-view.js";
import { type ListHead, type ListParts, protobufList, yamlList } from "./list-parts.js";
import { type KindView, inVersionOf, toServed } from "./kind-view.js";

/** What of an object a Table row carries beside its cells. */
export type IncludeObject = "None" | "Metadata" | "Object";

export interface EncoderOptions {
  readonly form: OutputForm;
  readonly includeObject: IncludeObject;
  /** Milliseconds since 1970: ages in tables are counted from here. */
  readonly nowMs: number;
  readonly overlays: readonly Overlay[];
  /** Of each object only this; null: all of it. Not together with a projection. */
  readonly fieldView?: FieldView | null;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** The metadata of a list. */
export interface ListMeta {
  /** Absent: what is listed has no versions. */
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

type Stored = Pick<CachedObject, "namespace" | "name" | "value">;

/**
 * Turns stored objects into what a client asked for. Plain JSON of a kind served as it is stored
 * costs nothing: the bytes are passed through.
 */
export class ObjectEncoder {
  readonly view: KindView;
  readonly form: OutputForm;
  readonly fieldView: FieldView | null;
  private readonly options: EncoderOptions;
  private readonly overlays: readonly Overlay[];

  constructor(view: KindView, options: EncoderOptions) {
    this.view = view;
    this.form = options.form;
    this.fieldView = options.fieldView ?? null;
    this.options = options;
    const { group, resource } = view.id;
    this.overlays = options.overlays.filter((o) => o.group === group && o.resource === resource);
  }

  get contentType(): string {
    return MEDIA_TYPES[this.form.format];
  }

  /** True when stored bytes are sent as they are. */
  get passesThrough(): boolean {
    const { format, as } = this.form;
    const isWhole = as === null && this.fieldView === null;
    return format === "json" && isWhole && this.view.conversion === null;
  }

  /** True when the bytes of an object are the same for everybody who asks in the same words. */
  get sharesItems(): boolean {
    return this.passesThrough || (this.form.format === "json" && this.fieldView !== null);
  }

  /** True when nothing at all is laid over the stored bytes either. */
  get sendsStored(): boolean {
    return this.passesThrough && this.overlays.length === 0 && this.view.remote === undefined;
  }

  /** The same objects in the version that is asked for, where somebody else converts them. */
  async inVersion<T extends Stored>(objects: readonly T[]): Promise<readonly T[]> {
    const { signal = new AbortController().signal } = this.options;
    return inVersionOf(this.view, objects, signal);
  }

  /** One object as a whole answer. */
  single(stored: Stored): Uint8Array {
    if (this.form.as !== "Table") return this.finish(this.item(stored), stored);
    const table = this.tableOf([this.row(stored)], metaOf(this.parse(stored)));
    return this.write(table);
  }

  /**
   * One object as an element of a list, a watch event or a whole answer. In JSON, whatever the
   * format is.
   */
  item(stored: Stored): Buffer {
    if (this.passesThrough) return this.overlaid(stored);
    if (this.fieldView !== null) {
      return this.overlaid({ ...stored, value: this.fieldView.bytes(stored) });
    }
    const object = this.parse(stored);
    const { as, asApiVersion } = this.form;
    if (as === "PartialObjectMetadata") return json(partialOf(object, asApiVersion));
    return json(object);
  }

  /** One object as a row of a Table. */
  row(stored: Stored): Buffer {
    const object = this.parse(stored);
    const cells = this.view.strategy.table.cells(object, this.options.nowMs);
    const { includeObject } = this.options;
    if (includeObject === "None") return json({ cells, object: null });
    const shown = includeObject === "Object" ? object : partialOf(object, this.form.asApiVersion);
    return json({ cells, object: shown });
  }

  /**
   * A Table of rows that are encoded already, as JSON. Without columns for the later events of a
   * watch.
   */
  tableJson(rows: readonly Buffer[], meta: object, columns: boolean): Buffer {
    const head = json({
      kind: "Table",
      apiVersion: this.form.asApiVersion,
      metadata: meta,
      columnDefinitions: columns ? this.columns() : null,
    });
    const opening = head.subarray(0, -1);
    return Buffer.concat([opening, Buffer.from(',"rows":['), joined(rows), Buffer.from("]}")]);
  }

  /** How a list is put together in a format other than JSON. */
  listParts(): ListParts {
    const { format, as } = this.form;
    if (format === "yaml") return yamlList(as === "Table" ? "rows" : "items");
    const partial = as === "PartialObjectMetadata";
    return protobufList(partial ? "meta/v1.PartialObjectMetadata" : this.view.kind.typeName);
  }

  /** What stands in the list instead of the stored object. */
  elementObject(stored: Stored): KubernetesObject {
    return this.form.as === null && this.fieldView === null
      ? this.parse(stored)
      : (JSON.parse(this.element(stored).toString()) as KubernetesObject);
  }

  /** What a list says of itself. */
  listHead(meta: ListMeta): ListHead {
    const { as, asApiVersion } = this.form;
    const { kind } = this.view;
    if (as === null) return { kind: kind.listKind, apiVersion: kind.apiVersion, metadata: meta };
    if (as === "PartialObjectMetadata") {
      return { kind: "PartialObjectMetadataList", apiVersion: asApiVersion, metadata: meta };
    }
    const columnDefinitions = this.columns();
    return { kind: as, apiVersion: asApiVersion, metadata: meta, columnDefinitions };
  }

  /** The parts of a list in JSON: what stands before the first element and after the last. */
  listFrame(meta: ListMeta): { readonly head: Buffer; readonly tail: Buffer } {
    const { as } = this.form;
    const opening = json(this.listHead(meta)).subarray(0, -1);
    const field = as === "Table" ? ',"rows":[' : ',"items":[';
    return { head: Buffer.concat([opening, Buffer.from(field)]), tail: Buffer.from("]}\n") };
  }

  /** An element of a list, in JSON. */
  element(stored: Stored): Buffer {
    return this.form.as === "Table" ? this.row(stored) : this.item(stored);
  }

  /** Turns a whole JSON document (a list, a Status) into the format of the answer. */
  document(bytes: Buffer): Uint8Array {
    return this.form.format === "json" ? bytes : this.write(JSON.parse(bytes.toString()));
  }

  private parse(stored: Stored): KubernetesObject {
    const object = JSON.parse(this.overlaid(stored).toString()) as KubernetesObject;
    return toServed(this.view, object);
  }

  private overlaid(stored: Stored): Buffer {
    let { value } = stored;
    for (const overlay of this.overlays) value = overlay.apply(stored, value);
    return value;
  }

  private finish(item: Buffer, stored: Stored): Uint8Array {
    assert(item.length > 0, `empty encoding of ${stored.name}`);
    return this.document(item);
  }

  private tableOf(rows: readonly Buffer[], meta: object): unknown {
    return JSON.parse(this.tableJson(rows, meta, true).toString());
  }

  private write(value: unknown): Uint8Array {
    return encodeDocument(value, this.form);
  }

  private columns(): unknown {
    return this.view.strategy.table.columns.map(
      ({ name, type, format = "", description, priority }) => ({
        name,
        type,
        format,
        description,
        priority,
      }),
    );
  }
}

const COMMA = Buffer.from(",");

/** The object's metadata alone, as PartialObjectMetadata. */
function partialOf(object: KubernetesObject, apiVersion: string): unknown {
  return { kind: "PartialObjectMetadata", apiVersion, metadata: object.metadata };
}

function metaOf(object: KubernetesObject): ListMeta {
  return { resourceVersion: object.metadata.resourceVersion };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function joined(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [COMMA, part])));
}
