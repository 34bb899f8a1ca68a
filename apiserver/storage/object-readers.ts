import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { ObjectReader } from "../server/http-types.js";
import { objectKey } from "./keys.js";
import type { Storage } from "./storage.js";
import type { WatchCache } from "./watch-cache.js";

/** Reads what the cache has now, without waiting: it may be a little old. */
export function cachedReader(cache: WatchCache): ObjectReader {
  return {
    get: async (resource, key) => {
      const found = cache.of(resource).get(objectKey(resource, key));
      return found === undefined ? null : (JSON.parse(found.value.toString()) as KubernetesObject);
    },
  };
}

/** Asks the store itself. */
export function newestReader(storage: Storage): ObjectReader {
  return { get: async (resource, key) => (await storage.read(resource, key))?.object ?? null };
}
