import { type FieldError, invalid } from "../../api/machinery/field-errors.js";
import { badRequest, conflict, invalidObject, notFound } from "../../api/machinery/status.js";
import { formatTime } from "../../api/machinery/time.js";
import { applyDefaults } from "../../api/schema/defaults.js";
import type {
  BoundObjectReference,
  TokenRequest,
  TokenReview,
} from "../../api/schema/types/authentication-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { NamedUid, TokenClaims } from "../auth/token-claims.js";
import { bootstrapIdentity, isBootstrapToken } from "../cluster/bootstrap-token.js";
import { ApiFailure } from "../server/api-failure.js";
import { encodeDocument } from "../server/document.js";
import type { ApiResponse, Identity } from "../server/http-types.js";
import { MEDIA_TYPES } from "../server/negotiation.js";
import { bytesResponse } from "../server/responses.js";
import { admitSent } from "./admission-attributes.js";
import { cachedReader } from "../storage/object-readers.js";
import { readObject } from "./body.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";
import { outputForm } from "./output.js";
import { orFail } from "./read-handlers.js";
import { expectedType, withWarnings, type WriteDeps } from "./write-handlers.js";
import { parseWriteOptions } from "./write-options.js";

const TOKEN_REQUEST = expectedType({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  typeName: "authentication/v1.TokenRequest",
});
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;

/** What the claims of a token are bound to, besides the account. */
type Bindings = Pick<TokenClaims, "pod" | "secret" | "node">;

/** POST …/serviceaccounts/NAME/token: makes a token of the account. */
export async function requestToken(call: ResourceCall, deps: WriteDeps): Promise<ApiResponse> {
  const form = outputForm(call.request);
  const { name, namespace } = call.info;
  const options = orFail(parseWriteOptions(call.request.query, "CreateOptions"));
  const body = await readObject(call.request, TOKEN_REQUEST, options.fieldValidation);
  const warnings = [...body.warnings];
  const { dryRun } = options;
  const object = applyDefaults(TOKEN_REQUEST, body.object);
  const sent = { operation: "CREATE", object, dryRun, warnings } as const;
  const asked = (await admitSent(call, sent, deps)) as unknown as TokenRequest;
  checkName(call, asked);
  const spec = asked.spec ?? {};
  const seconds = spec.expirationSeconds ?? 0;
  checkSeconds(seconds);
  const account = await readOrFail(deps, "serviceaccounts", { namespace, name });
  const bindings = await bindingsOf(call, spec.boundObjectRef, deps);
  const given = spec.audiences ?? [];
  const audiences = given.length === 0 ? [deps.tokens.issuer] : given;
  const serviceAccount = { name, uid: account.metadata.uid };
  const issued = deps.tokens.issue({ namespace, serviceAccount, audiences, ...bindings }, seconds);
  const answer = {
    ...asked,
    metadata: { name, namespace, creationTimestamp: formatTime(deps.clock.nowMs()) },
    spec: { ...spec, audiences },
    status: { token: await issued.token, expirationTimestamp: formatTime(issued.expiresMs) },
  };
  const document = encodeDocument(answer, form);
  return withWarnings(bytesResponse(201, MEDIA_TYPES[form.format], document), warnings);
}

/** What a TokenReview is told. Throws 400 for a review of nothing. */
export async function reviewToken(review: TokenReview, deps: HandlerDeps): Promise<object> {
  const { token, audiences = [] } = review.spec;
  if (token === "")
    throw new ApiFailure(badRequest("token is required for TokenReview in authentication"));
  const wanted = audiences.length === 0 ? [deps.tokens.issuer] : audiences;
  const owner = isBootstrapToken(token)
    ? await bearerOf(token, deps)
    : await deps.tokens.authenticate(token, wanted);
  const isMeant = owner?.audiences.some((audience) => wanted.includes(audience)) ?? false;
  if (owner === null || !isMeant) return { user: {}, error: "[invalid bearer token]" };
  const { name, uid, groups, extra } = owner.identity;
  return {
    authenticated: true,
    user: { username: name, uid, groups, extra },
    audiences: wanted.filter((audience) => owner.audiences.includes(audience)),
  };
}

/** A join token is for this API alone, whatever audience somebody asks about. */
async function bearerOf(
  token: string,
  { cache, clock, tokens }: HandlerDeps,
): Promise<{ readonly identity: Identity; readonly audiences: readonly string[] } | null> {
  const about = { reader: cachedReader(cache), nowMs: clock.nowMs() };
  const identity = await bootstrapIdentity(token, about);
  return identity === null ? null : { identity, audiences: [tokens.issuer] };
}

function checkName({ info }: ResourceCall, { metadata }: TokenRequest): void {
  const { name = "", namespace = "" } = (metadata ?? {}) as { name?: string; namespace?: string };
  if (name !== "" && name !== info.name) {
    const text = `the name of the object (${name}) does not match the name on the URL (${info.name})`;
    throw new ApiFailure(badRequest(text));
  }
  if (namespace !== "" && namespace !== info.namespace) {
    const text =
      "the namespace of the provided object does not match the namespace sent on the request";
    throw new ApiFailure(badRequest(text));
  }
}

function checkSeconds(seconds: number): void {
  const refuse = (text: string): never => {
    const error: FieldError = invalid("spec.expirationSeconds", seconds, text);
    throw new ApiFailure(invalidObject(TOKEN_REQUEST_KIND, "", [error]));
  };
  if (seconds < TOKEN_SECONDS_MIN) refuse("may not specify a duration less than 10 minutes");
  if (seconds > TOKEN_SECONDS_MAX) refuse("may not specify a duration larger than 2^32 seconds");
}

const TOKEN_REQUEST_KIND = { group: "authentication.k8s.io", kind: "TokenRequest" };

async function bindingsOf(
  call: ResourceCall,
  ref: BoundObjectReference | undefined,
  deps: HandlerDeps,
): Promise<Bindings> {
  const none: Bindings = { pod: null, secret: null, node: null };
  if (ref === undefined) return none;
  const { kind = "", apiVersion = "v1", name = "" } = ref;
  const { namespace } = call.info;
  switch (apiVersion === "v1" || apiVersion === "" ? kind : `${apiVersion}, Kind=${kind}`) {
    case "Pod": {
      const pod = (await boundObject(deps, "pods", { namespace, ref })) as unknown as Pod;
      return { ...none, pod: namedUid(pod), node: await nodeOf(pod, call, deps) };
    }
    case "Secret": {
      const secret = await boundObject(deps, "secrets", { namespace, ref });
      return { ...none, secret: namedUid(secret) };
    }
    case "Node": {
      const node = await boundObject(deps, "nodes", { namespace: "", ref });
      return { ...none, node: namedUid(node) };
    }
    default: {
      const text = `cannot bind token for serviceaccount "${call.info.name}" to object ${kind}/${name}`;
      throw new ApiFailure(badRequest(text));
    }
  }
}

/** The node of the pod, told in the token for information. */
async function nodeOf(pod: Pod, call: ResourceCall, deps: HandlerDeps): Promise<NamedUid | null> {
  const { serviceAccountName = "", nodeName = "" } = pod.spec;
  if (serviceAccountName !== call.info.name) {
    const text =
      `cannot bind token for serviceaccount "${call.info.name}" to pod running with different ` +
      "serviceaccount name.";
    throw new ApiFailure(badRequest(text));
  }
  if (nodeName === "") return null;
  const id = { group: "", resource: "nodes" };
  const node = await deps.storage.read(id, { namespace: "", name: nodeName });
  return { name: nodeName, uid: node?.object.metadata.uid ?? "" };
}

async function boundObject(
  deps: HandlerDeps,
  resource: string,
  { namespace, ref }: { readonly namespace: string; readonly ref: BoundObjectReference },
): Promise<KubernetesObject> {
  const { name = "", uid = "" } = ref;
  const found = await readOrFail(deps, resource, { namespace, name });
  if (uid === "" || uid === found.metadata.uid) return found;
  const text =
    `the UID in the bound object reference (${uid}) does not match the UID in record. The object ` +
    "might have been deleted and then recreated";
  throw new ApiFailure(conflict({ group: "", resource }, name, text));
}

async function readOrFail(
  deps: HandlerDeps,
  resource: string,
  at: { readonly namespace: string; readonly name: string },
): Promise<KubernetesObject> {
  const id = { group: "", resource };
  const found = await deps.storage.read(id, at);
  if (found === null) throw new ApiFailure(notFound(id, at.name));
  return found.object;
}

function namedUid({ metadata }: Pick<KubernetesObject, "metadata">): NamedUid {
  return { name: metadata.name, uid: metadata.uid };
}
