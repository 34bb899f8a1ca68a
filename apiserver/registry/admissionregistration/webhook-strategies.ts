import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "../../../api/schema/types/admissionregistration-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withFirstGeneration, withNextGeneration } from "../common/prepare.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy } from "../strategy.js";
import { validateWebhooks } from "./webhook-validation.js";

type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;

/** ValidatingWebhookConfigurations. */
export const validatingWebhooksStrategy = strategyOf<ValidatingWebhookConfiguration>();
/** MutatingWebhookConfigurations. */
export const mutatingWebhooksStrategy = strategyOf<MutatingWebhookConfiguration>();

function strategyOf<T extends Configuration>(): Strategy<T> {
  const validate = ({ webhooks = [] }: T): ReturnType<typeof validateWebhooks> =>
    validateWebhooks(webhooks);
  return {
    validateName: nameIsDnsSubdomain,
    prepareForCreate: (configuration) => withFirstGeneration(configuration),
    prepareForUpdate(configuration, old) {
      const changed = !semanticEqual(configuration.webhooks ?? [], old.webhooks ?? []);
      return withNextGeneration(configuration, old, changed);
    },
    validate,
    validateUpdate: validate,
    table: {
      columns: [
        NAME_COLUMN,
        column("Webhooks", "The number of webhooks that it lists.", "integer"),
        AGE_COLUMN,
      ],
      cells: ({ metadata, webhooks = [] }, nowMs) => [
        metadata.name,
        webhooks.length,
        ageOf(metadata.creationTimestamp, nowMs),
      ],
    },
  };
}
