import { internalError } from "../../api/machinery/status.js";
import type {
  CustomResourceDefinition,
  WebhookConversion,
} from "../../api/schema/types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";
import type { RemoteConversion } from "../handlers/kind-view.js";
import { ApiFailure } from "../server/api-failure.js";
import { isConvertedByWebhook } from "./custom-kind.js";
import type { WebhookAddress } from "../webhooks/webhook-client.js";

/** Asks a conversion webhook; see WebhookClient.ask. */
export interface ConversionDeps {
  readonly ask: (
    address: WebhookAddress,
    document: unknown,
    about: { readonly timeoutSeconds: number; readonly signal: AbortSignal },
  ) => Promise<JsonValue>;
  readonly newUid: () => string;
}

const REVIEW_VERSIONS: readonly string[] = ["v1", "v1beta1"];
const TIMEOUT_SECONDS = 30;
/** Objects in one question: a list of many is converted in several. */
const OBJECTS_MAX = 500;

/**
 * The conversion of a definition whose versions a webhook converts (Kubernetes: "Versions in
 * CustomResourceDefinitions, webhook conversion"); null: it has no such webhook.
 */
export function remoteConversion(
  { spec }: CustomResourceDefinition,
  version: string,
  deps: ConversionDeps,
): RemoteConversion | null {
  const { conversion, group, versions } = spec;
  if (!isConvertedByWebhook(spec) || conversion?.webhook === undefined) return null;
  const { webhook } = conversion;
  const storage = versions.find((each) => each.storage)?.name ?? version;
  const into =
    (apiVersion: string) => (objects: readonly KubernetesObject[], signal: AbortSignal) =>
      converted(objects, { webhook, apiVersion, signal }, deps);
  return { toServed: into(`${group}/${version}`), toStored: into(`${group}/${storage}`) };
}

interface Wish {
  readonly webhook: WebhookConversion;
  readonly apiVersion: string;
  readonly signal: AbortSignal;
}

/** The objects in the wanted version, in order: those that are in it already are not asked about. */
async function converted(
  objects: readonly KubernetesObject[],
  wish: Wish,
  deps: ConversionDeps,
): Promise<readonly KubernetesObject[]> {
  const out = [...objects];
  const others = objects.flatMap((object, index) =>
    object.apiVersion === wish.apiVersion ? [] : [{ object, index }],
  );
  for (let start = 0; start < others.length; start += OBJECTS_MAX) {
    const part = others.slice(start, start + OBJECTS_MAX);
    const answers = await askFor(
      part.map(({ object }) => object),
      wish,
      deps,
    );
    for (const [at, { index }] of part.entries()) {
      const answer = answers[at];
      if (answer !== undefined) out[index] = answer;
    }
  }
  return out;
}

async function askFor(
  objects: readonly KubernetesObject[],
  { webhook, apiVersion, signal }: Wish,
  deps: ConversionDeps,
): Promise<readonly KubernetesObject[]> {
  const [first] = objects;
  const failed = (why: string): ApiFailure => {
    const of = `${first?.apiVersion ?? ""}, Kind=${first?.kind ?? ""}`;
    return new ApiFailure(internalError(`conversion webhook for ${of} failed: ${why}`));
  };
  const { clientConfig, conversionReviewVersions } = webhook;
  const version = conversionReviewVersions?.find((each) => REVIEW_VERSIONS.includes(each));
  if (clientConfig === undefined || version === undefined)
    throw failed("it accepts no version of ConversionReview that is known here");
  const uid = deps.newUid();
  const review = conversionReview(version, { uid, desiredAPIVersion: apiVersion, objects });
  let document: JsonValue;
  try {
    const about = { timeoutSeconds: TIMEOUT_SECONDS, signal };
    document = await deps.ask(clientConfig, review, about);
  } catch (error) {
    throw failed(messageOf(error));
  }
  const answer = parseConversion(document, { version, uid, apiVersion, objects });
  if (typeof answer === "string") throw failed(answer);
  return answer;
}

/** The question, as apiextensions.k8s.io has it. */
export function conversionReview(
  version: string,
  request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly KubernetesObject[];
  },
): JsonObject {
  return {
    kind: "ConversionReview",
    apiVersion: `apiextensions.k8s.io/${version}`,
    request: request as unknown as JsonObject,
  };
}

/** The converted objects, or in one sentence what is wrong with the answer. */
export function parseConversion(
  document: JsonValue,
  asked: {
    readonly version: string;
    readonly uid: string;
    readonly apiVersion: string;
    readonly objects: readonly KubernetesObject[];
  },
): readonly KubernetesObject[] | string {
  const { version, uid, apiVersion, objects } = asked;
  const review = objectOf(document);
  if (
    review?.["kind"] !== "ConversionReview" ||
    review["apiVersion"] !== `apiextensions.k8s.io/${version}`
  )
    return "the answer is no ConversionReview in the version that was asked for";
  const response = objectOf(review["response"]);
  if (response === null) return "no response provided";
  if (response["uid"] !== uid && version === "v1")
    return `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`;
  const result = objectOf(response["result"]);
  if (result?.["status"] !== "Success") {
    const message = result?.["message"];
    return typeof message === "string" && message !== "" ? message : "it did not say why";
  }
  const { convertedObjects } = response;
  if (!Array.isArray(convertedObjects) || convertedObjects.length !== objects.length) {
    const count = Array.isArray(convertedObjects) ? convertedObjects.length : 0;
    return `returned ${count} objects, expected ${objects.length}`;
  }
  const out: KubernetesObject[] = [];
  for (const [index, value] of convertedObjects.entries()) {
    const before = objects[index];
    const after = objectOf(value as JsonValue);
    if (before === undefined || after === null) return `convertedObjects[${index}] is no object`;
    const taken = withSamePlace(after, before, apiVersion);
    if (typeof taken === "string") return `invalid converted object at index ${index}: ${taken}`;
    out.push(taken);
  }
  return out;
}

/** A conversion changes what an object says, not which it is: of metadata only labels and annotations. */
function withSamePlace(
  value: JsonObject,
  before: KubernetesObject,
  apiVersion: string,
): KubernetesObject | string {
  if (value["apiVersion"] !== apiVersion)
    return `expected apiVersion ${apiVersion}, got ${JSON.stringify(value["apiVersion"] ?? "")}`;
  if (value["kind"] !== before.kind)
    return `expected kind ${before.kind}, got ${JSON.stringify(value["kind"] ?? "")}`;
  const metadata = objectOf(value["metadata"]);
  if (metadata === null) return "missing metadata";
  for (const field of ["name", "namespace", "uid"] as const) {
    if ((metadata[field] ?? "") === (before.metadata[field] ?? "")) continue;
    return `metadata.${field} was changed`;
  }
  const { labels, annotations } = metadata;
  const { labels: _labels, annotations: _annotations, ...kept } = before.metadata;
  return {
    ...value,
    metadata: {
      ...kept,
      ...(labels === undefined || labels === null ? {} : { labels }),
      ...(annotations === undefined || annotations === null ? {} : { annotations }),
    },
  } as unknown as KubernetesObject;
}

function objectOf(value: JsonValue | undefined): JsonObject | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : null;
}
