import type { InternalClient } from "./internal-client.js";
import { ensureExists } from "./owned-objects.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { ResourceId } from "../storage/keys.js";

interface Named {
  readonly metadata: { readonly name: string };
}

/**
 * Makes those of many objects that this server's cache does not have: nothing is asked about the
 * others. Throws "BootstrapFailed".
 */
export async function ensureListed(
  { client, cache }: { readonly client: InternalClient; readonly cache: WatchCache },
  wanted: {
    readonly id: ResourceId;
    readonly path: string;
    readonly objects: readonly object[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const present = new Set(
    cache
      .of(wanted.id)
      .list({ namespace: "", indexed: null })
      .map(({ name }) => name),
  );
  for (const object of wanted.objects) {
    if (present.has((object as Named).metadata.name)) continue;
    await ensureExists(client, wanted.path, { object, signal: wanted.signal });
  }
}
