import { isDeepStrictEqual } from "node:util";
import { applyJsonPatch } from "../../api/machinery/json-patch.js";
import { PatchError, type PatchValue } from "../../api/machinery/patch-json.js";
import { badRequest, internalError } from "../../api/machinery/status.js";
import type { JsonObject, JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { ApiFailure } from "../server/api-failure.js";
import { type Candidate, ConfiguredWebhooks } from "../webhooks/configured-webhooks.js";
import { WebhookCaller, type WebhookDeps, misbehaved } from "../webhooks/webhook-caller.js";
import type { AdmissionAttributes, AdmissionPlugin, MutationAttributes } from "./admission.js";
import { resourceOf } from "./admission.js";
import { ReinvocationMemory } from "./reinvocation.js";
import { isAdmissionConfiguration } from "./request-match.js";
import { bodyTypeOf, seenBody, withChangedBody } from "./seen-body.js";

/**
 * Asks the webhooks of MutatingWebhookConfigurations one after another, each with what the ones
 * before it made of the object.
 */
export class MutatingWebhooks implements AdmissionPlugin {
  readonly name = "MutatingAdmissionWebhook";
  private readonly caller: WebhookCaller;
  private readonly memory = new ReinvocationMemory();

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
    const rounds = this.memory.of(attributes.reinvocation);
    rounds.begin(object);
    let current = object;
    for (const candidate of candidates) {
      const { id, webhook } = candidate.configured;
      const now = { ...attributes, object: current };
      if (!(await this.caller.isWanted(candidate, now)) || !rounds.isDue(id)) continue;
      const next = await this.askOne(candidate, now);
      const wantsAgain = webhook.reinvocationPolicy === "IfNeeded";
      rounds.done(id, { changed: next !== current, wantsAgain });
      current = next;
    }
    rounds.end(current);
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
    const through = this.caller.throughOf(candidate);
    const type = bodyTypeOf(attributes, through);
    if (type === null) throw notHere(candidate);
    const { object: sent } = await seenBody(attributes, through);
    const patched = applyPatch(sent ?? {}, answer.patch);
    const whole = await withChangedBody(patched, type, attributes, through);
    checkPlace(whole, object, candidate);
    return isDeepStrictEqual(whole, object) ? object : whole;
  }
}

function applyPatch(object: JsonObject, patch: JsonValue): JsonValue {
  try {
    return applyJsonPatch(object as PatchValue, patch as PatchValue) as JsonValue;
  } catch (error) {
    if (error instanceof PatchError) throw new ApiFailure(internalError(error.message));
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
