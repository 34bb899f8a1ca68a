import { ConfiguredWebhooks } from "../webhooks/configured-webhooks.js";
import { WebhookCaller, type WebhookDeps } from "../webhooks/webhook-caller.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";
import { resourceOf } from "./admission.js";
import { isAdmissionConfiguration } from "./request-match.js";

/** Asks the webhooks of ValidatingWebhookConfigurations, all at once: one that says no is enough. */
export class ValidatingWebhooks implements AdmissionPlugin {
  readonly name = "ValidatingAdmissionWebhook";
  private readonly caller: WebhookCaller;

  constructor(deps: WebhookDeps) {
    const configured = new ConfiguredWebhooks("validatingwebhookconfigurations", deps);
    this.caller = new WebhookCaller(configured, "validating", deps);
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const candidates = this.caller.candidates(attributes);
    if (candidates.length === 0 || isAdmissionConfiguration(resourceOf(attributes))) return;
    const results = await Promise.allSettled(
      candidates.map(async (candidate) => {
        if (await this.caller.isWanted(candidate, attributes))
          await this.caller.ask(candidate, attributes);
      }),
    );
    // Of several refusals the client gets the first in the order of the configurations.
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }
}
