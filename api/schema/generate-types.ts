import type { FieldSchema, FieldType, ScalarName, TypeSchema } from "./type-schema.js";

const SCALARS: Readonly<Record<ScalarName, string>> = {
  string: "string",
  bool: "boolean",
  int32: "number",
  int64: "number",
  double: "number",
  bytes: "string",
  Quantity: "Quantity",
  IntOrString: "IntOrString",
  Time: "string",
  MicroTime: "string",
  Duration: "string",
  FieldsV1: "JsonObject",
  RawExtension: "JsonValue",
  JSON: "JsonValue",
  JSONSchemaPropsOrArray: "JsonValue",
  JSONSchemaPropsOrBool: "JsonValue",
  JSONSchemaPropsOrStringArray: "JsonValue",
};
/** What comes from wire-types.ts. */
const WIRE_TYPES: ReadonlySet<string> = new Set([
  "IntOrString",
  "JsonObject",
  "JsonValue",
  "Quantity",
  "StoredMeta",
]);
const WIRE_MODULE = "../wire-types.js";

/**
 * The TypeScript module of one package, such as core/v1: one interface for each type. Objects are
 * as the server gives them: a kind has a literal apiVersion and kind, StoredMeta, and a spec when
 * it can have one.
 */
export function generateTypes(packageName: string, types: Iterable<TypeSchema>): string {
  const imports = new Map<string, Set<string>>();
  const own = [...types].filter((type) => type.packageName === packageName && !isList(type));
  own.sort((a, b) => (a.shortName < b.shortName ? -1 : 1));
  const bodies = own.map((type) => renderType(type, imports));
  const head = "// Generated from ../groups by `npm run generate`. Do not edit.";
  return `${[head, ...renderImports(imports)].join("\n")}\n\n${bodies.join("\n\n")}\n`;
}

/** The file of a package, such as core-v1.gen.ts. */
export function typesFileName(packageName: string): string {
  return `${packageName.replace("/", "-")}.gen.ts`;
}

/** Lists are all alike: ObjectList of wire-types.ts. */
function isList(type: TypeSchema): boolean {
  return type.shortName.endsWith("List") && type.fieldByName.has("items");
}

function renderImports(imports: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...imports]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([module, names]) => `import type { ${[...names].sort().join(", ")} } from "${module}";`);
}

function renderType(type: TypeSchema, imports: Map<string, Set<string>>): string {
  const fields = [...type.fields].sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = fields.flatMap((field) => renderField(field, type, imports));
  return [
    ...comment(type.description, ""),
    `export interface ${type.shortName} {`,
    ...lines,
    "}",
  ].join("\n");
}

function renderField(
  field: FieldSchema,
  owner: TypeSchema,
  imports: Map<string, Set<string>>,
): string[] {
  const type = kindFieldType(field, owner) ?? renderFieldType(field.type, owner);
  for (const name of type.uses) addImport(imports, name);
  const optional = field.required || type.present === true ? "" : "?";
  return [
    ...comment(field.description, "  "),
    `  readonly ${memberName(field.name)}${optional}: ${type.text};`,
  ];
}

/** Quoted where it is no identifier. */
function memberName(name: string): string {
  return /^[\w$]+$/u.test(name) ? name : JSON.stringify(name);
}

interface RenderedType {
  readonly text: string;
  /** Names to import: [module, name]. */
  readonly uses: readonly (readonly [module: string, name: string])[];
  readonly present?: boolean;
}

/** What every object of a kind has, because the server sees to it. */
function kindFieldType(field: FieldSchema, owner: TypeSchema): RenderedType | null {
  if (!isKind(owner)) return null;
  switch (field.name) {
    case "apiVersion":
      return { text: JSON.stringify(owner.apiVersion), uses: [], present: true };
    case "kind":
      return { text: JSON.stringify(owner.shortName), uses: [], present: true };
    case "metadata":
      return { text: "StoredMeta", uses: [[WIRE_MODULE, "StoredMeta"]], present: true };
    case "spec":
      return { ...renderFieldType(field.type, owner), present: true };
    default:
      return null;
  }
}

function isKind(type: TypeSchema): boolean {
  const metadata = type.fieldByName.get("metadata")?.type;
  const isObject = metadata?.kind === "message" && metadata.type.name === "meta/v1.ObjectMeta";
  return isObject && type.fieldByName.get("kind")?.tag === 0 && type.packageName !== "meta/v1";
}

function renderFieldType(type: FieldType, owner: TypeSchema): RenderedType {
  switch (type.kind) {
    case "list": {
      const { text, uses } = renderFieldType(type.of, owner);
      return { text: `readonly ${text}[]`, uses };
    }
    case "map": {
      const { text, uses } = renderFieldType(type.of, owner);
      return { text: `{ readonly [key: string]: ${text} }`, uses };
    }
    case "message": {
      const { packageName, shortName } = type.type;
      if (packageName === owner.packageName) return { text: shortName, uses: [] };
      const module = `./${typesFileName(packageName).replace(/ts$/, "js")}`;
      return { text: shortName, uses: [[module, shortName]] };
    }
    case "scalar": {
      const text = SCALARS[type.scalar];
      return { text, uses: WIRE_TYPES.has(text) ? [[WIRE_MODULE, text]] : [] };
    }
  }
}

function addImport(
  imports: Map<string, Set<string>>,
  [module, name]: readonly [string, string],
): void {
  const names = imports.get(module) ?? new Set();
  imports.set(module, names.add(name));
}

function comment(text: string, indent: string): string[] {
  return text === "" ? [] : [`${indent}/** ${text} */`];
}
