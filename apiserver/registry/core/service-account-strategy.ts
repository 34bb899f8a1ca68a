import type { ServiceAccount } from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";

const table: TableDefinition<ServiceAccount> = {
  columns: [
    NAME_COLUMN,
    column("Secrets", "The number of secrets that pods of this account may mount."),
    AGE_COLUMN,
  ],
  cells: (account, nowMs) => [
    account.metadata.name,
    (account.secrets ?? []).length,
    ageOf(account.metadata.creationTimestamp, nowMs),
  ],
};

/** Service accounts: of the secrets they refer to, only the name is kept. */
export const serviceAccountStrategy: Strategy<ServiceAccount> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: withSecretNamesOnly,
  prepareForUpdate: withSecretNamesOnly,
  validate: () => [],
  validateUpdate: () => [],
  table,
};

function withSecretNamesOnly(account: ServiceAccount): ServiceAccount {
  if (account.secrets === undefined) return account;
  const secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }));
  return { ...account, secrets };
}
