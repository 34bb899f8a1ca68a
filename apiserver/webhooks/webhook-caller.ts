import {
  badRequest,
  failure,
  forbidden,
  internalError,
  timeout,
} from "../../api/machinery/status.js";
import type { Labels } from "../../api/machinery/selectors.js";
import type { KindInfo } from "../../api/schema/kinds.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { type AdmissionAttributes, bodiesOf, resourceOf } from "../admission/admission.js";
import type { EquivalentKinds } from "../admission/equivalent-kinds.js";
import { matchSelectors } from "../admission/request-match.js";
import { type SeenThrough, seenBody } from "../admission/seen-body.js";
import type { Authorizer } from "../auth/authorizer.js";
import { evaluateConditions } from "../policies/policy-evaluation.js";
import { requestVariables } from "../policies/request-variables.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import { objectKey } from "../storage/keys.js";
import type { WatchCache } from "../storage/watch-cache.js";
import {
  type ReviewAnswer,
  admissionReview,
  denialOf,
  parseReviewAnswer,
  reviewVersionOf,
} from "./admission-review.js";
import type { Candidate, ConfiguredWebhooks } from "./configured-webhooks.js";
import type { WebhookClient } from "./webhook-client.js";
import type { WebhookMetrics, WebhookOutcome, WebhookType } from "./webhook-metrics.js";

/** What calls of admission webhooks need. */
export interface WebhookDeps {
  readonly client: WebhookClient;
  readonly cache: WatchCache;
  /** Asks the store itself. */
  readonly newest: ObjectReader;
  readonly equivalents: EquivalentKinds;
  readonly metrics: WebhookMetrics;
  /** Asked by match conditions. */
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  readonly newUid: () => string;
  readonly logger: Logger;
}

const NAMESPACES = { group: "", resource: "namespaces" };
const TIMEOUT_SECONDS = 10;

/** The webhook could not be asked, or its answer was none: what failurePolicy is about. */
class CallFailed extends Error {
  override readonly name = "CallFailed";
}

/** Finds the webhooks that a write concerns, asks one, and says what becomes of the write. */
export class WebhookCaller {
  readonly deps: WebhookDeps;
  private readonly configured: ConfiguredWebhooks;
  private readonly type: WebhookType;

  constructor(configured: ConfiguredWebhooks, type: WebhookType, deps: WebhookDeps) {
    this.configured = configured;
    this.type = type;
    this.deps = deps;
  }

  /** Those whose rules want to see the write; whether labels fit is told by `isWanted`. */
  candidates(attributes: AdmissionAttributes): readonly Candidate[] {
    if (this.configured.none) return [];
    const { operation, subresource, namespace, name, kind } = attributes;
    const { equivalents } = this.deps;
    const target = { operation, subresource, namespace, name, resource: resourceOf(attributes) };
    return this.configured.candidates(target, {
      version: equivalents.version,
      equivalents: () => equivalents.of(kind).map(resourceOfKind),
    });
  }

  /**
   * Whether namespace and object have the labels that the webhook asks for, and its conditions
   * hold. Throws Forbidden when one of these fails and failures are not to be ignored.
   */
  async isWanted(candidate: Candidate, attributes: AdmissionAttributes): Promise<boolean> {
    if (!(await this.hasLabels(candidate, attributes))) return false;
    const { conditions, webhook } = candidate.configured;
    if (conditions.length === 0) return true;
    const subject = await seenBody(attributes, this.throughOf(candidate));
    const variables = requestVariables(attributes, subject, this.deps.authorizer);
    const { matches, error } = await evaluateConditions(conditions, variables);
    if (error !== null && webhook.failurePolicy !== "Ignore") {
      throw new ApiFailure(forbidden(resourceOf(attributes), attributes.name, error));
    }
    return matches;
  }

  private async hasLabels(
    { configured }: Candidate,
    attributes: AdmissionAttributes,
  ): Promise<boolean> {
    const { criteria } = configured;
    const { namespaceSelector, objectSelector } = criteria;
    if (namespaceSelector.isEverything && objectSelector.isEverything) return true;
    const namespaceLabels = namespaceSelector.isEverything
      ? null
      : await this.namespaceLabels(attributes);
    const { operation, subresource, namespace, name } = attributes;
    const resource = resourceOf(attributes);
    const target = { operation, subresource, namespace, name, resource, equivalents: [] };
    return matchSelectors(criteria, target, { ...bodiesOf(attributes), namespaceLabels });
  }

  /**
   * The webhook's answer when it allows the write; null when it failed and its failures are to be
   * ignored. Throws the ApiFailure that refuses the write.
   */
  async ask(candidate: Candidate, attributes: AdmissionAttributes): Promise<ReviewAnswer | null> {
    const { webhook } = candidate.configured;
    const startedMs = this.deps.clock.monotonicMs();
    const observe = (outcome: Pick<WebhookOutcome, "code" | "rejection" | "failedOpen">): void =>
      this.deps.metrics.observe({
        name: webhook.name,
        type: this.type,
        operation: attributes.operation,
        seconds: (this.deps.clock.monotonicMs() - startedMs) / 1000,
        ...outcome,
      });
    try {
      const answer = await this.answerOf(candidate, attributes);
      for (const text of answer.warnings) attributes.warnings.push(text);
      if (!answer.allowed) throw new ApiFailure(denialOf(webhook.name, answer.status));
      observe({ code: 200, rejection: null, failedOpen: false });
      return answer;
    } catch (error) {
      if (!(error instanceof CallFailed)) {
        const code = error instanceof ApiFailure ? error.status.code : 0;
        observe({ code, rejection: "no_error", failedOpen: false });
        throw error;
      }
      const text = `failed calling webhook ${JSON.stringify(webhook.name)}: ${error.message}`;
      const { name } = webhook;
      const open = webhook.failurePolicy === "Ignore";
      observe({ code: 500, rejection: open ? null : "calling_webhook_error", failedOpen: open });
      if (!open) throw new ApiFailure(internalError(text));
      this.deps.logger.warn("an admission webhook could not be asked: ignored", { name, error });
      if (attributes.signal.aborted) throw new ApiFailure(TOO_LATE);
      return null;
    }
  }

  /** Through which resource a webhook sees a write. */
  throughOf({ resource }: Candidate): SeenThrough {
    return { resource, equivalents: this.deps.equivalents };
  }

  private async answerOf(
    candidate: Candidate,
    attributes: AdmissionAttributes,
  ): Promise<ReviewAnswer> {
    const { webhook } = candidate.configured;
    const { name, sideEffects, clientConfig } = webhook;
    if (attributes.dryRun && sideEffects !== "None" && sideEffects !== "NoneOnDryRun") {
      const text = `admission webhook ${JSON.stringify(name)} does not support dry run`;
      throw new ApiFailure(badRequest(text));
    }
    const version = reviewVersionOf(webhook.admissionReviewVersions ?? []);
    if (version === null)
      throw new CallFailed("webhook does not accept known AdmissionReview versions (v1, v1beta1)");
    const uid = this.deps.newUid();
    const subject = await seenBody(attributes, this.throughOf(candidate));
    const review = admissionReview(version, uid, { attributes, subject });
    const { timeoutSeconds = TIMEOUT_SECONDS } = webhook;
    const { signal } = attributes;
    const document = await this.deps.client
      .ask(clientConfig, review, { timeoutSeconds, signal })
      .catch((error: unknown) => {
        throw new CallFailed(`failed to call webhook: ${messageOf(error)}`, { cause: error });
      });
    const mutating = this.type === "admit";
    const answer = parseReviewAnswer(document, { version, uid, mutating });
    if (typeof answer !== "string") return answer;
    throw new CallFailed(`received invalid webhook response: ${answer}`);
  }

  private async namespaceLabels({
    kind,
    namespace,
    name,
  }: AdmissionAttributes): Promise<Labels | null> {
    const at = {
      namespace: "",
      name: kind.kind === "Namespace" && kind.group === "" ? name : namespace,
    };
    if (at.name === "") return null;
    const cached = this.deps.cache.of(NAMESPACES).get(objectKey(NAMESPACES, at));
    if (cached !== undefined) return cached.labels;
    const found = await this.deps.newest.get(NAMESPACES, at);
    return found === null ? null : ((found as KubernetesObject).metadata.labels ?? {});
  }
}

const TOO_LATE = timeout("request did not complete within requested timeout", 0);

/** 500: the webhook did what it may not. */
export function misbehaved(webhook: string, what: string): ApiFailure {
  const text = `admission webhook ${JSON.stringify(webhook)} ${what}`;
  return new ApiFailure(failure(500, "InternalError", `Internal error occurred: ${text}`));
}

function resourceOfKind({ group, version, plural }: KindInfo): Candidate["resource"] {
  return { group, version, resource: plural };
}
