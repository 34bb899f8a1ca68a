import { isDeepStrictEqual } from "node:util";
import { applyJsonPatch } from "../../api/machinery/json-patch.js";
import { PatchError, type PatchValue } from "../../api/machinery/patch-json.js";
import { badRequest, internalError } from "../../api/machinery/status.js";
import { applyDefaults } from "../../api/schema/defaults.js";
import { apiVersionOf } from "../../api/schema/kinds.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { type ExpectedType, acceptValue } from "../handlers/body.js";
import { ApiFailure } from "../server/api-failure.js";
import { type Candidate, ConfiguredWebhooks } from "../webhooks/configured-webhooks.js";
import {
  WebhookCaller,
  type WebhookDeps,
  isWhole,
  misbehaved,
} from "../webhooks/webhook-caller.js";
import type { AdmissionAttributes, AdmissionPlugin, MutationAttributes } from "./admission.js";
import { bodiesOf, resourceOf } from "./admission.js";
import { isResource } from "./equivalent-kinds.js";
import type { ReinvocationContext } from "./reinvocation.js";
import { isAdmissionConfiguration } from "./request-match.js";

/** What the two rounds of one write must know of each other. */
interface Rounds {
  /** Asked already, and to be asked again should others change the object. */
  readonly invoked: Set<string>;
  readonly again: Set<string>;
  /** What the first round ended with. */
  last: KubernetesObject | null;
}

/**
 * Asks the webhooks of MutatingWebhookConfigurations one after another, each with what the ones
 * before it made of the object.
 */
export class MutatingWebhooks implements AdmissionPlugin {
  readonly name = "MutatingAdmissionWebhook";
  private readonly caller: WebhookCaller;
  private readonly rounds = new WeakMap<ReinvocationContext, Rounds>();

  constructor(deps: WebhookDeps) {
    const configured = new ConfiguredWebhooks("mutatingwebhookconfigurations", deps);
    this.caller = new WebhookCaller(configured, "admit", deps);
  }

  async mutate(
    object: KubernetesObject,
    attributes: MutationAttributes,
  ): Promise<KubernetesObject> {
    const candidates = this.caller.candidates(attributes);
    if (candidates.length === 0 || isAdmissionConfiguration(resourceOf(attributes))) return object;
    const { reinvocation } = attributes;
    const rounds = this.roundsOf(reinvocation);
    // Somebody else changed it after the last round: whoever wants to know of that is asked again.
    if (reinvocation.isReinvocation && !isDeepStrictEqual(object, rounds.last)) askAgain(rounds);
    let current = object;
    for (const candidate of candidates) {
      const { id, webhook } = candidate.configured;
      const now = { ...attributes, object: current };
      if (!(await this.caller.isWanted(candidate, now))) continue;
      // Who was not asked in the first round is not asked in the second either.
      if (reinvocation.isReinvocation && !rounds.again.has(id)) continue;
      const next = await this.askOne(candidate, now);
      if (next !== current) {
        askAgain(rounds);
        reinvocation.request();
      }
      if (webhook.reinvocationPolicy === "IfNeeded") rounds.invoked.add(id);
      current = next;
    }
    rounds.last = current;
    return current;
  }

  async beforeDelete(attributes: AdmissionAttributes): Promise<void> {
    const candidates = this.caller.candidates(attributes);
    if (candidates.length === 0 || isAdmissionConfiguration(resourceOf(attributes))) return;
    for (const candidate of candidates) {
      if (!(await this.caller.isWanted(candidate, attributes))) continue;
      const answer = await this.caller.ask(candidate, attributes);
      if (answer !== null && answer.patch !== null) throw notHere(candidate);
    }
  }

  /** The object as the webhook leaves it: the same one when it changes nothing. */
  private async askOne(
    candidate: Candidate,
    attributes: AdmissionAttributes & { readonly object: KubernetesObject },
  ): Promise<KubernetesObject> {
    const { object } = attributes;
    const answer = await this.caller.ask(candidate, attributes);
    if (answer === null || answer.patch === null) return object;
    const type = this.typeOf(candidate, attributes);
    if (type === null) throw notHere(candidate);
    const { object: sent } = await this.caller.subjectOf(candidate, attributes);
    const patched = applyPatch(sent ?? {}, answer.patch);
    const body = taken(patched, type);
    const whole = await this.wholeOf(body, candidate, attributes);
    checkPlace(whole, object, candidate);
    return isDeepStrictEqual(whole, object) ? object : whole;
  }

  /** How the body is read; null: it carries a stream, whose options nobody can change. */
  private typeOf({ resource }: Candidate, attributes: AdmissionAttributes): ExpectedType | null {
    const { kind, subresource, bodyKind } = attributes;
    if (isWhole(attributes)) {
      const same = this.caller.deps.equivalents.of(kind).find((each) => isResource(each, resource));
      return same ?? kind;
    }
    const sub = kind.subresources.find(({ name }) => name === subresource);
    if (attributes.operation === "CONNECT" || sub === undefined || sub.typeName === null)
      return null;
    const { group, version } = bodyKind;
    const { typeName } = sub;
    return { apiVersion: apiVersionOf(group, version), version, kind: bodyKind.kind, typeName };
  }

  private async wholeOf(
    body: KubernetesObject,
    { resource }: Candidate,
    attributes: AdmissionAttributes & { readonly object: KubernetesObject },
  ): Promise<KubernetesObject> {
    const { kind, lens, object } = attributes;
    if (lens !== null) {
      const before = bodiesOf(attributes).object;
      return isDeepStrictEqual(body, before) ? object : lens.withBody(object, body);
    }
    if (!isWhole(attributes) || isResource(kind, resource)) return body;
    const { equivalents } = this.caller.deps;
    const from = equivalents.of(kind).find((each) => isResource(each, resource)) ?? kind;
    return equivalents.convert(body, from, resourceOf(attributes));
  }

  private roundsOf(reinvocation: ReinvocationContext): Rounds {
    const known = this.rounds.get(reinvocation);
    if (known !== undefined) return known;
    const fresh: Rounds = { invoked: new Set(), again: new Set(), last: null };
    this.rounds.set(reinvocation, fresh);
    return fresh;
  }
}

/** All that were asked so far, and want to, are asked once more. */
function askAgain({ invoked, again }: Rounds): void {
  for (const id of invoked) again.add(id);
  invoked.clear();
}

function applyPatch(object: JsonObject, patch: JsonValue): JsonValue {
  try {
    return applyJsonPatch(object as PatchValue, patch as PatchValue) as JsonValue;
  } catch (error) {
    if (error instanceof PatchError) throw new ApiFailure(internalError(error.message));
    throw error;
  }
}

/** What a webhook or a policy made, as if a client had sent it, with defaults for what is new. */
export function taken(value: JsonValue, type: ExpectedType): KubernetesObject {
  try {
    const { object } = acceptValue(value, type, "Ignore");
    return applyDefaults(type, object) as unknown as KubernetesObject;
  } catch (error) {
    if (error instanceof ApiFailure) throw new ApiFailure(internalError(error.message));
    throw error;
  }
}

/** A webhook changes what an object is, not where: others have decided who may write there. */
function checkPlace(
  { metadata }: KubernetesObject,
  before: KubernetesObject,
  { configured }: Candidate,
): void {
  const was = before.metadata as KubernetesObject["metadata"] | undefined;
  if (metadata?.name === was?.name && metadata?.namespace === was?.namespace) return;
  const name = JSON.stringify(configured.webhook.name);
  const text = `admission webhook ${name} may not change the name or the namespace of the object`;
  throw new ApiFailure(badRequest(text));
}

function notHere({ configured }: Candidate): ApiFailure {
  const text = "attempted to modify the object, which is not supported for this operation";
  return misbehaved(configured.webhook.name, text);
}
