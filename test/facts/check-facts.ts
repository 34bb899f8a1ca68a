/**
 * `npm run check:facts -- FOLDER`: holds the project's own notation to a folder of facts about the
 * Kubernetes API. It must fail, never skip, when the folder lacks a file. Prints each difference,
 * and last `N passed, N failed`.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { decodeProtobuf, encodeProtobuf } from "../../api/schema/protobuf.js";
import { definitionName } from "../../api/schema/openapi/openapi-schemas.js";
import { openApiV2Document } from "../../api/schema/openapi/openapi-v2.js";
import { SERVED_KINDS } from "../../api/schema/kinds.js";
import { TYPES, type TypeSchema } from "../../api/schema/type-schema.js";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";

type Json = Readonly<Record<string, unknown>>;

const GVK = "x-kubernetes-group-version-kind";
/** Lists whose order says nothing. */
const UNORDERED: readonly string[] = ["required", GVK];

/** Alpha features of Kubernetes, and what apiserver/DIVERGENCE.md names: not offered here. */
const NOT_OFFERED: ReadonlySet<string> = new Set([
  "application/cbor",
  "application/cbor-seq",
  "application/apply-patch+cbor",
  "shardSelector",
  "stream",
  "insecureSkipTLSVerifyBackend",
]);

/**
 * Groups that an add-on serves in Kubernetes, or Kubernetes itself once did, and that every server
 * serves here: facts about the API of Kubernetes know nothing of them.
 */
const ADD_ON_GROUPS: ReadonlySet<string> = new Set(["metrics.k8s.io", "settings.k8s.io"]);
const ADD_ON_TYPES: ReadonlySet<string> = new Set([
  ...[...TYPES.values()].filter(isOfAddOn).map(({ name }) => name),
  // Nothing else has a field of this kind.
  "meta/v1.Duration",
]);
const ADD_ON_DEFINITIONS: ReadonlySet<string> = new Set(
  [...ADD_ON_TYPES].map((name) => definitionName(name)),
);

/** Packages whose messages the facts about protobuf do not have. */
const NO_MESSAGES: ReadonlySet<string> = new Set(["apiextensions/v1", "apiregistration/v1"]);

const OPERATION_PATH =
  /^\/apis?\/([^{]*?v\d\w*)\/(?:watch\/)?(?:namespaces\/\{namespace\}\/)?(\w+)/u;

const folder = process.argv[2];
if (folder === undefined || folder === "--help") {
  process.stdout.write("npm run check:facts -- FOLDER\n");
  process.exitCode = folder === undefined ? 2 : 0;
} else {
  const counts = { passed: 0, failed: 0 };
  for (const check of [checkDefinitions, checkOperations, checkProtobufFields, checkRoundTrips]) {
    const { checked, differences } = run(check, folder);
    counts.passed += checked - differences.length;
    counts.failed += differences.length;
    for (const difference of differences) process.stderr.write(`✗ ${difference}\n`);
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

interface Outcome {
  /** How many things were compared. */
  readonly checked: number;
  readonly differences: readonly string[];
}

/** A check that cannot run counts as failed. */
function run(check: (folder: string) => Outcome, where: string): Outcome {
  try {
    const outcome = check(where);
    return outcome.checked > 0
      ? outcome
      : { checked: 1, differences: [`${check.name}: nothing to compare in ${where}`] };
  } catch (error) {
    return { checked: 1, differences: [`${check.name}: ${messageOf(error)}`] };
  }
}

/**
 * The definitions we publish, field by field: types, formats, required, list and patch rules.
 * Descriptions are ours.
 */
function checkDefinitions(where: string): Outcome {
  const facts = readJson(where, "openapi-definitions.json");
  const differences: string[] = [];
  const ours = openApiV2Document("0")["definitions"] as JsonObject;
  for (const [name, definition] of Object.entries(ours)) {
    const fact = facts[name];
    if (fact === undefined && ADD_ON_DEFINITIONS.has(name)) continue;
    const problem =
      fact === undefined
        ? "the facts know no such definition"
        : differenceOf(
            comparable(withoutAddOns(definition)),
            withOurKinds(fact, withoutAddOns(definition)),
            "",
          );
    if (problem !== null) differences.push(`definition ${name}: ${problem}`);
  }
  return { checked: Object.keys(ours).length, differences };
}

/**
 * Every operation on a kind that is served, and none besides: its name, action, kind, parameters,
 * body, answers and media types.
 */
function checkOperations(where: string): Outcome {
  const facts = new Map<string, Json>();
  for (const line of readText(where, "openapi-operations.jsonl").split("\n")) {
    if (line === "") continue;
    const fact = JSON.parse(line) as Json;
    facts.set(`${String(fact["method"])} ${String(fact["path"])}`, fact);
  }
  const ours = publishedOperations();
  const differences: string[] = [];
  let checked = 0;
  for (const [id, fact] of facts) {
    if (!isServedPath(String(fact["path"]))) continue;
    checked += 1;
    const problem = differenceOf(ours.get(id), offered(fact), "");
    if (problem !== null) differences.push(`operation ${id}: ${problem}`);
  }
  for (const [id, { group }] of ours) {
    if (facts.has(id) || ADD_ON_GROUPS.has(String(group))) continue;
    checked += 1;
    differences.push(`operation ${id}: the facts know no such operation`);
  }
  return { checked, differences };
}

/** What the published document says of each operation, in the form of the facts. */
function publishedOperations(): ReadonlyMap<string, Json> {
  const operations = new Map<string, Json>();
  const paths = openApiV2Document("0")["paths"] as Readonly<Record<string, Json>>;
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, value] of Object.entries(item)) {
      if (method === "parameters") continue;
      operations.set(`${method} ${path}`, operationFact({ path, method }, value as Json));
    }
  }
  return operations;
}

function operationFact(at: { readonly path: string; readonly method: string }, value: Json): Json {
  const { group, version, kind } = value["x-kubernetes-group-version-kind"] as Json;
  const parameters = value["parameters"] as readonly Json[];
  const body = parameters.find((parameter) => parameter["in"] === "body")?.["schema"];
  const query = parameters.filter((parameter) => parameter["in"] === "query");
  const answers = Object.entries(value["responses"] as Readonly<Record<string, Json>>);
  return {
    ...at,
    operationId: value["operationId"],
    action: value["x-kubernetes-action"],
    group,
    version,
    kind,
    query: inOrder(query.map((parameter) => parameter["name"])),
    body: typeOfSchema(body),
    responses: Object.fromEntries(
      answers.map(([code, answer]) => [code, typeOfSchema(answer["schema"])]),
    ),
    consumes: value["consumes"],
    produces: value["produces"],
  };
}

/** Without what is not offered here. */
function offered(fact: Json): Json {
  const kept = Object.entries(fact).map(([key, value]) => {
    if (!Array.isArray(value)) return [key, value];
    const list = value.filter((each) => !NOT_OFFERED.has(String(each)));
    return [key, key === "query" ? inOrder(list) : list];
  });
  return Object.fromEntries(kept) as Json;
}

function typeOfSchema(schema: unknown): string {
  if (!isObject(schema)) return "";
  const named = schema["$ref"] ?? schema["type"];
  return typeof named === "string" ? named.replace("#/definitions/", "") : "";
}

function isServedPath(path: string): boolean {
  const [, apiVersion = "", plural = ""] = OPERATION_PATH.exec(path) ?? [];
  return SERVED_KINDS.some((kind) => kind.apiVersion === apiVersion && kind.plural === plural);
}

/** Tags of all fields that exist in protobuf. */
function checkProtobufFields(where: string): Outcome {
  const facts = readJson(where, "protobuf-fields.json") as Readonly<Record<string, Json>>;
  const differences: string[] = [];
  for (const type of TYPES.values()) {
    const fact = facts[definitionName(type.name).replace(/^io\.k8s\./, "k8s.io.")];
    // The facts are of k8s.io/api and apimachinery; definitions of kinds live in a module of their own.
    const elsewhere = ADD_ON_TYPES.has(type.name) || NO_MESSAGES.has(type.packageName);
    if (fact === undefined && elsewhere) continue;
    if (fact === undefined) {
      differences.push(`protobuf ${type.name}: the facts know no such message`);
      continue;
    }
    differences.push(...tagDifferences(type, fact));
  }
  return { checked: TYPES.size, differences };
}

function tagDifferences(type: TypeSchema, fact: Json): string[] {
  const ours = Object.fromEntries(
    type.fields
      .filter((field) => field.tag !== 0 && field.outerTag === 0)
      .map((field) => [field.name.toLowerCase(), field.tag]),
  );
  // Case apart: protobuf calls one field aPIGroup that JSON calls apiGroup.
  return Object.entries(fact).flatMap(([field, description]) => {
    const tag = (description as readonly unknown[])[0];
    const embedded = type.fields.some((each) => each.outerTag === tag);
    const own = ours[field.toLowerCase()];
    return own === tag || embedded
      ? []
      : [`protobuf ${type.name}.${field}: tag ${own}, not ${String(tag)}`];
  });
}

/** What protobuf decodes to, and what encodes to it byte for byte, for every kind present. */
function checkRoundTrips(where: string): Outcome {
  const differences: string[] = [];
  let checked = 0;
  const samples = readdirSync(join(where, "roundtrip")).filter((file) => file.endsWith(".json"));
  for (const file of samples) {
    const object = readJson(where, join("roundtrip", file)) as JsonObject;
    if (!isPresent(object)) continue;
    checked += 1;
    const name = file.replace(/\.json$/, "");
    const bytes = readFileSync(join(where, "roundtrip", `${name}.pb`));
    const decoded = decodeProtobuf(bytes).object;
    const problem = differenceOf(decoded, object, "");
    if (problem !== null) differences.push(`decoding ${name}.pb: ${problem}`);
    const encoded = Buffer.from(encodeProtobuf(null, object));
    if (!encoded.equals(bytes))
      differences.push(`encoding ${name}.json: ${byteDifference(encoded, bytes)}`);
  }
  return { checked, differences };
}

function isPresent(object: JsonObject): boolean {
  return [...TYPES.values()].some(
    (type) => type.apiVersion === object.apiVersion && type.shortName === object.kind,
  );
}

function byteDifference(ours: Buffer, theirs: Buffer): string {
  const at = ours.findIndex((byte, index) => byte !== theirs[index]);
  return `${ours.length} bytes, not ${theirs.length}; first difference at ${at}`;
}

/**
 * A few types are kinds of every group; the facts list all groups there are, we those that we
 * serve.
 */
function withOurKinds(fact: unknown, ours: unknown): unknown {
  const compared = comparable(fact);
  if (!isObject(compared) || !isObject(ours)) return compared;
  const served = (inOrder(ours[GVK]) ?? []) as readonly string[];
  const known = ((compared[GVK] ?? []) as readonly string[]).filter((kind) =>
    served.includes(kind),
  );
  return known.length === 0 ? compared : { ...compared, [GVK]: known };
}

/** Without what is ours to write. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, each]) => key !== "description" || typeof each !== "string")
    .map(([key, each]) => [
      key,
      // A field may be called so too.
      UNORDERED.includes(key) && Array.isArray(each) ? inOrder(each) : comparable(each),
    ]);
  return Object.fromEntries(entries) as Json;
}

function isOfAddOn({ apiVersion }: TypeSchema): boolean {
  return ADD_ON_GROUPS.has(apiVersion.split("/")[0] ?? "");
}

/** A few types are kinds of every group: without those of add-ons. */
function withoutAddOns(definition: unknown): unknown {
  const kinds = isObject(definition) ? definition[GVK] : undefined;
  if (!isObject(definition) || !Array.isArray(kinds)) return definition;
  const kept = (kinds as readonly Json[]).filter(({ group }) => !ADD_ON_GROUPS.has(String(group)));
  return { ...definition, [GVK]: kept };
}

function inOrder(list: unknown): unknown {
  return Array.isArray(list)
    ? list.map((each) => JSON.stringify(each, Object.keys(Object(each)).sort())).sort()
    : list;
}

/** Where two values differ first, or null. */
function differenceOf(ours: unknown, theirs: unknown, path: string): string | null {
  if (isDeepStrictEqual(ours, theirs)) return null;
  if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const found = differenceOf(ours[key], theirs[key], `${path}.${key}`);
      if (found !== null) return found;
    }
  }
  return `${path}: ${short(ours)}, not ${short(theirs)}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function short(value: unknown): string {
  return (JSON.stringify(value as JsonValue) ?? "nothing").slice(0, 120);
}

function readJson(where: string, file: string): Json {
  return JSON.parse(readText(where, file)) as Json;
}

function readText(where: string, file: string): string {
  const path = join(where, file);
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  return readFileSync(path, "utf8");
}
