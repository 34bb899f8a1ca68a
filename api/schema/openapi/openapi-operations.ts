import {
  type KindInfo,
  SERVED_KINDS,
  type SubresourceInfo,
  isAnsweredWithObject,
} from "../kinds.js";
import {
  COLLECTION_QUERY,
  DELETE_QUERY,
  LIST_QUERY,
  PATCH_QUERY,
  PRETTY,
  STREAM_QUERY,
  WRITE_QUERY,
} from "./openapi-parameters.js";

/** What may stand in a path in place of a word. */
export type PathParameter = "namespace" | "name" | "path";

/** One operation of the API: what OpenAPI v2 and v3 both say, each in its way. */
export interface ApiOperation {
  readonly path: string;
  readonly method: "get" | "put" | "post" | "delete" | "patch" | "options" | "head";
  readonly operationId: string;
  /** The x-kubernetes-action. */
  readonly action:
    | "list"
    | "watch"
    | "watchlist"
    | "get"
    | "post"
    | "put"
    | "patch"
    | "delete"
    | "deletecollection"
    | "connect";
  readonly description: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly pathParameters: readonly PathParameter[];
  readonly queryParameters: readonly string[];
  /** Name of the body's type; null: no body. */
  readonly body: string | null;
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  /** Status code → name of the answer's type; "string" is text. */
  readonly responses: readonly (readonly [code: number, type: string])[];
}

const MEDIA_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const LIST_MEDIA_TYPES = [
  ...MEDIA_TYPES,
  "application/json;stream=watch",
  "application/vnd.kubernetes.protobuf;stream=watch",
];
const PATCH_MEDIA_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];
const ANY_MEDIA_TYPE = ["*/*"];
const DELETE_OPTIONS = "meta/v1.DeleteOptions";
const STATUS = "meta/v1.Status";

/** Every operation of one group version, such as apps/v1, in the order of the kinds. */
export function operationsOf(apiVersion: string): readonly ApiOperation[] {
  return SERVED_KINDS.filter((info) => info.apiVersion === apiVersion).flatMap(kindOperations);
}

/** Every group version that is served, such as v1 or apps/v1. */
export const SERVED_API_VERSIONS: readonly string[] = [
  ...new Set(SERVED_KINDS.map((info) => info.apiVersion)),
];

/** Where the paths of a group version begin: /api/v1 or /apis/apps/v1. */
export function rootPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Every operation on one kind. */
export function kindOperations(info: KindInfo): ApiOperation[] {
  const operations = info.verbs.flatMap((verb) => verbOperations(info, verb));
  return [...operations, ...info.subresources.flatMap((sub) => subresourceOperations(info, sub))];
}

type Draft = Pick<ApiOperation, "method" | "action" | "description"> & Partial<ApiOperation>;

function verbOperations(info: KindInfo, verb: string): ApiOperation[] {
  const { typeName, kind, plural } = info;
  const collection = collectionPath(info);
  const object = `${collection}/{name}`;
  const make = (word: string, path: string, draft: Draft): ApiOperation =>
    operation(info, { operationId: operationId(info, word), path, ...draft });
  switch (verb) {
    case "list":
      return listOperations(info, make);
    case "create":
      return [make("create", collection, writing("post", typeName, `Create one ${kind}.`))];
    case "get":
      return [
        make("read", object, {
          method: "get",
          action: "get",
          description: `Read one ${kind}.`,
          queryParameters: [PRETTY],
          responses: [[200, typeName]],
        }),
      ];
    case "update":
      return [make("replace", object, writing("put", typeName, `Replace one ${kind}.`))];
    case "patch":
      return [make("patch", object, patching(typeName, `Change parts of one ${kind}.`))];
    case "delete":
      return [
        make(
          "delete",
          object,
          deleting(`Delete one ${kind}.`, isAnsweredWithObject(kind) ? typeName : STATUS),
        ),
      ];
    case "deletecollection":
      return [
        make("deleteCollection", collection, {
          ...deleting(`Delete ${plural} that match.`, STATUS),
          action: "deletecollection",
          queryParameters: COLLECTION_QUERY,
          responses: [[200, STATUS]],
        }),
      ];
    case "watch":
      return watchOperations(info);
    default:
      return [];
  }
}

function listOperations(
  info: KindInfo,
  make: (word: string, path: string, draft: Draft) => ApiOperation,
): ApiOperation[] {
  const draft: Draft = {
    method: "get",
    action: "list",
    description: `List or watch ${info.plural}.`,
    queryParameters: LIST_QUERY,
    produces: LIST_MEDIA_TYPES,
    responses: [[200, `${info.typeName}List`]],
  };
  const list = make("list", collectionPath(info), draft);
  if (!info.namespaced) return [list];
  const id = `list${groupWord(info)}${info.kind}ForAllNamespaces`;
  const path = `${rootPath(info.apiVersion)}/${info.plural}`;
  const description = `List or watch ${info.plural} of all namespaces.`;
  return [list, { ...make("list", path, { ...draft, description }), operationId: id }];
}

/** The old form of a watch: `watch` before the path, not in the query. */
function watchOperations(info: KindInfo): ApiOperation[] {
  const { kind, plural } = info;
  const root = rootPath(info.apiVersion);
  const collection = `${root}/watch${collectionPath(info).slice(root.length)}`;
  const draft: Draft = {
    method: "get",
    action: "watchlist",
    description: `Watch ${plural}; a list with the parameter watch does the same.`,
    queryParameters: LIST_QUERY,
    produces: LIST_MEDIA_TYPES,
    responses: [[200, "meta/v1.WatchEvent"]],
  };
  const make = (id: string, path: string, action: ApiOperation["action"]): ApiOperation =>
    operation(info, { ...draft, operationId: id, path, action });
  const id = operationId(info, "watch");
  const one = make(id, `${collection}/{name}`, "watch");
  const list = make(`${id}List`, collection, "watchlist");
  if (!info.namespaced) return [list, one];
  const everywhere = `watch${groupWord(info)}${kind}ListForAllNamespaces`;
  return [list, one, make(everywhere, `${root}/watch/${plural}`, "watchlist")];
}

function subresourceOperations(info: KindInfo, sub: SubresourceInfo): ApiOperation[] {
  if (sub.name === "proxy") return proxyOperations(info, sub);
  const path = `${collectionPath(info)}/{name}/${sub.name}`;
  const suffix = sub.name.charAt(0).toUpperCase() + sub.name.slice(1);
  return sub.verbs.map((verb) => {
    const draft = subresourceDraft(info, sub, verb);
    const word = draft.action === "connect" ? connectWord(draft.method) : WORDS[verb];
    const id =
      draft.action === "connect"
        ? `connect${groupWord(info)}${word}${scopeWord(info)}${info.kind}${suffix}`
        : `${operationId(info, word ?? verb)}${suffix}`;
    return operation(info, { operationId: id, path, kind: kindOf(sub), ...draft });
  });
}

const PROXY_METHODS = ["delete", "get", "head", "options", "patch", "post", "put"] as const;

/** A proxy takes every method, with and without a path of the proxied call. */
function proxyOperations(info: KindInfo, sub: SubresourceInfo): ApiOperation[] {
  const path = `${collectionPath(info)}/{name}/${sub.name}`;
  return PROXY_METHODS.flatMap((method) => {
    const word = method.charAt(0).toUpperCase() + method.slice(1);
    const id = `connect${groupWord(info)}${word}${scopeWord(info)}${info.kind}Proxy`;
    const draft = { ...subresourceDraft(info, sub, "get"), method, kind: kindOf(sub) };
    return [
      operation(info, { ...draft, operationId: id, path }),
      operation(info, { ...draft, operationId: `${id}WithPath`, path: `${path}/{path}` }),
    ];
  });
}

function kindOf({ group, version, kind }: SubresourceInfo): ApiOperation["kind"] {
  return { group, version, kind };
}

const WORDS: Readonly<Record<string, string>> = {
  create: "create",
  get: "read",
  patch: "patch",
  update: "replace",
};

function connectWord(method: string): string {
  return method === "get" ? "Get" : "Post";
}

function subresourceDraft(info: KindInfo, sub: SubresourceInfo, verb: string): Draft {
  const what = `${sub.name} of one ${info.kind}`;
  if (sub.typeName === null) {
    const isLog = sub.name === "log";
    return {
      method: verb === "create" ? "post" : "get",
      action: isLog ? "get" : "connect",
      description: isLog ? `Read the ${what}.` : `Connect to ${what}.`,
      queryParameters: STREAM_QUERY.get(sub.name) ?? [],
      produces: isLog ? ["text/plain", ...MEDIA_TYPES] : ANY_MEDIA_TYPE,
      responses: [[200, "string"]],
    };
  }
  if (verb === "create") return writing("post", sub.typeName, `Create the ${what}.`);
  if (verb === "update") return writing("put", sub.typeName, `Replace the ${what}.`);
  if (verb === "patch") return patching(sub.typeName, `Change parts of the ${what}.`);
  const responses = [[200, sub.typeName]] as const;
  return {
    method: "get",
    action: "get",
    description: `Read the ${what}.`,
    queryParameters: [PRETTY],
    responses,
  };
}

function writing(method: "post" | "put", typeName: string, description: string): Draft {
  const codes = method === "post" ? [200, 201, 202] : [200, 201];
  return {
    method,
    action: method,
    description,
    queryParameters: WRITE_QUERY,
    body: typeName,
    consumes: ANY_MEDIA_TYPE,
    responses: codes.map((code) => [code, typeName] as const),
  };
}

function patching(typeName: string, description: string): Draft {
  return {
    method: "patch",
    action: "patch",
    description,
    queryParameters: PATCH_QUERY,
    body: "meta/v1.Patch",
    consumes: PATCH_MEDIA_TYPES,
    responses: [
      [200, typeName],
      [201, typeName],
    ],
  };
}

function deleting(description: string, answer: string): Draft {
  return {
    method: "delete",
    action: "delete",
    description,
    queryParameters: DELETE_QUERY,
    body: DELETE_OPTIONS,
    consumes: ANY_MEDIA_TYPE,
    responses: [
      [200, answer],
      [202, answer],
    ],
  };
}

function operation(
  info: KindInfo,
  draft: Draft & { readonly operationId: string; readonly path: string },
): ApiOperation {
  const parameters = (["namespace", "name", "path"] as const).filter((name) =>
    draft.path.includes(`{${name}}`),
  );
  return {
    kind: { group: info.group, version: info.version, kind: info.kind },
    pathParameters: parameters,
    queryParameters: [],
    body: null,
    consumes: ANY_MEDIA_TYPE,
    produces: MEDIA_TYPES,
    responses: [],
    ...draft,
  };
}

function collectionPath(info: KindInfo): string {
  const scope = info.namespaced ? "/namespaces/{namespace}" : "";
  return `${rootPath(info.apiVersion)}${scope}/${info.plural}`;
}

/** Such as AppsV1, CoreV1 or RbacAuthorizationV1. */
function groupWord(info: KindInfo): string {
  const group = info.group === "" ? "core" : info.group.replace(/\.k8s\.io$/u, "");
  const words = [...group.split("."), info.version];
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function scopeWord(info: KindInfo): string {
  return info.namespaced ? "Namespaced" : "";
}

function operationId(info: KindInfo, word: string): string {
  if (word === "deleteCollection")
    return `delete${groupWord(info)}Collection${scopeWord(info)}${info.kind}`;
  return `${word}${groupWord(info)}${scopeWord(info)}${info.kind}`;
}
