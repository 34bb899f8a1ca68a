import type { PullCredential } from "./pull-secrets.js";

/** A Secret whose credentials have pulled an image. */
export interface SecretUse {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the credentials: another Secret that holds the same may use the image as well. */
  readonly hash: string;
}

/** Who may use an image that came from one repository. */
interface Access {
  /** It was had without credentials: by everybody. */
  readonly everybody: boolean;
  readonly secrets: readonly SecretUse[];
}

/** What is known of the pulls of one image, by repository. */
export interface PullRecord {
  readonly formatVersion: 1;
  readonly imageId: string;
  readonly repositories: Readonly<Record<string, Access>>;
}

/**
 * Whether a pod with these credentials may use an image that is on the node already, without
 * asking its registry (KEP-2535). `isNamed`: the runtime knows it by the very name that the pod has
 * for it; if nobody pulled it from there, it was brought under that name. `record` null: nobody pulled it, it was brought for everybody.
 */
export function mayUse(
  record: PullRecord | null,
  { repository, isNamed }: { readonly repository: string; readonly isNamed: boolean },
  uses: readonly SecretUse[],
): boolean {
  if (record === null) return true;
  const access = record.repositories[repository];
  if (access === undefined) return isNamed;
  if (access.everybody) return true;
  return uses.some((own) =>
    access.secrets.some((known) => isSame(known, own) || known.hash === own.hash),
  );
}

/** The record after a pull; `own`: with what it worked, null: without any credentials. */
export function afterPull(
  record: PullRecord | null,
  { imageId, repository }: { readonly imageId: string; readonly repository: string },
  own: SecretUse | null,
): PullRecord {
  const { everybody, secrets } = record?.repositories[repository] ?? {
    everybody: false,
    secrets: [],
  };
  const others = secrets.filter((known) => own === null || !isSame(known, own));
  const access = {
    everybody: everybody || own === null,
    secrets: own === null ? others : [...others, own],
  };
  const repositories = { ...record?.repositories, [repository]: access };
  return { formatVersion: 1, imageId, repositories };
}

/** `digest`: one from which nobody finds out what it was made of. */
export function secretUse(
  { auth, secret }: PullCredential,
  digest: (text: string) => string,
): SecretUse {
  const { uid, namespace = "", name } = secret.metadata;
  const { username, password, identityToken, registryToken } = auth;
  const parts = [username, password, identityToken, registryToken].map((part) => part ?? null);
  return { uid, namespace, name, hash: digest(JSON.stringify(parts)) };
}

function isSame(one: SecretUse, other: SecretUse): boolean {
  return one.uid === other.uid && one.namespace === other.namespace && one.name === other.name;
}
