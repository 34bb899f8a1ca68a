/** The wire formats of objects. */
export type WireFormat = "json" | "yaml" | "protobuf";

/** Into what an object is turned before it is sent; null: nothing. */
export type Projection = "Table" | "PartialObjectMetadata";

export interface OutputForm {
  readonly format: WireFormat;
  readonly as: Projection | null;
  /** apiVersion of the projection: `meta.k8s.io/v1` or `meta.k8s.io/v1beta1`. */
  readonly asApiVersion: string;
}

export interface MediaClause {
  /** Lower case, such as `application/json`. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 … 1. */
  readonly quality: number;
}

const FORMATS: Readonly<Record<string, WireFormat>> = {
  "application/json": "json",
  "application/yaml": "yaml",
  "application/vnd.kubernetes.protobuf": "protobuf",
  "application/*": "json",
  "*/*": "json",
};
export const MEDIA_TYPES: Readonly<Record<WireFormat, string>> = {
  json: "application/json",
  yaml: "application/yaml",
  protobuf: "application/vnd.kubernetes.protobuf",
};

/**
 * Splits an Accept header into its clauses, best first; clauses of the same quality stay in their
 * order.
 */
export function parseAccept(header: string): MediaClause[] {
  const clauses: MediaClause[] = [];
  for (const part of header.split(",")) {
    const clause = parseMediaType(part);
    if (clause !== null && clause.quality > 0) clauses.push(clause);
  }
  return clauses.sort((a, b) => b.quality - a.quality);
}

/** Null when `text` is no media type. */
export function parseMediaType(text: string): MediaClause | null {
  const [type = "", ...rest] = text.split(";").map((piece) => piece.trim());
  if (!/^[^\s/]+\/[^\s/]+$/u.test(type)) return null;
  const parameters = new Map<string, string>();
  for (const piece of rest) {
    const equals = piece.indexOf("=");
    if (equals <= 0) continue;
    const value = piece.slice(equals + 1).trim();
    parameters.set(piece.slice(0, equals).trim().toLowerCase(), value.replace(/^"(.*)"$/u, "$1"));
  }
  const quality = Number(parameters.get("q") ?? "1");
  return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 0 : quality };
}

/**
 * Chooses how to answer. Objects are stored as JSON, so JSON is chosen over protobuf wherever the
 * client takes both equally. Null: nothing the client accepts can be sent (406).
 */
export function negotiate(
  accept: string | null,
  offers: { readonly projections: boolean; readonly protobuf?: boolean },
): OutputForm | null {
  const clauses = accept === null || accept.trim() === "" ? [ANY] : parseAccept(accept);
  const forms: { form: OutputForm; quality: number }[] = [];
  for (const clause of clauses) {
    const form = formOf(clause, offers);
    if (form !== null) forms.push({ form, quality: clause.quality });
  }
  const [first] = forms;
  if (first === undefined) return null;
  if (first.form.format !== "protobuf") return first.form;
  const asJson = forms.find(
    ({ form, quality }) =>
      quality === first.quality && form.format === "json" && form.as === first.form.as,
  );
  return asJson?.form ?? first.form;
}

const ANY: MediaClause = { type: "*/*", parameters: new Map(), quality: 1 };

function formOf(
  clause: MediaClause,
  { projections, protobuf = true }: { projections: boolean; protobuf?: boolean },
): OutputForm | null {
  const format = FORMATS[clause.type];
  const as = clause.parameters.get("as");
  if (format === undefined) return null;
  // The objects of custom kinds have no protobuf form; their metadata has.
  if (format === "protobuf" && !protobuf && as === undefined) return null;
  if (as === undefined) return { format, as: null, asApiVersion: "" };
  const version = clause.parameters.get("v") ?? "";
  if (!projections || clause.parameters.get("g") !== "meta.k8s.io") return null;
  if (version !== "v1" && version !== "v1beta1") return null;
  const asApiVersion = `meta.k8s.io/${version}`;
  // A Table has cells of any type: it has no protobuf form.
  if (as === "Table") return format === "protobuf" ? null : { format, as, asApiVersion };
  if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") {
    return { format, as: "PartialObjectMetadata", asApiVersion };
  }
  return null;
}

/**
 * The format of a request body; null: one that is not understood (415). No header at all means
 * JSON.
 */
export function bodyFormat(contentType: string | null): WireFormat | null {
  if (contentType === null || contentType.trim() === "") return "json";
  const type = parseMediaType(contentType)?.type ?? "";
  return type.includes("*") ? null : (FORMATS[type] ?? null);
}
