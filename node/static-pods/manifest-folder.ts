import { watch } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { waitMs } from "../../api/client/waiting.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import type { Logger } from "../../base/logger.js";
import { hasErrno } from "../errno.js";
import type { Manifest } from "../plan/static-pods.js";

/** Notices are for speed only: a file system may not give any. */
const LOOK_MS = 20_000;
/** An editor writes a file in several steps. */
const SETTLE_MS = 100;
const BYTES_MAX = 1024 * 1024;

/** Reads the manifests of a folder, and notices when they change. */
export class ManifestFolder {
  private readonly path: string;
  private readonly deps: { readonly clock: Clock; readonly logger: Logger };
  private complaint = "";

  constructor(path: string, deps: ManifestFolder["deps"]) {
    this.path = path;
    this.deps = deps;
  }

  /**
   * Every file of the folder but hidden ones, by name; a folder that is not there has none. Null:
   * it cannot be read now, which says nothing of what is in it. A file that cannot be read is in
   * `unread`.
   */
  async read(): Promise<{
    readonly manifests: readonly Manifest[];
    readonly unread: readonly { readonly path: string; readonly reason: string }[];
  } | null> {
    let names: readonly string[];
    try {
      names = await readdir(this.path);
      this.complaint = "";
    } catch (error) {
      if (hasErrno(error, "ENOENT")) return { manifests: [], unread: [] };
      const message = messageOf(error);
      if (message !== this.complaint)
        this.deps.logger.error("static pods cannot be read", { path: this.path, error: message });
      this.complaint = message;
      return null;
    }
    const manifests: Manifest[] = [];
    const unread: { path: string; reason: string }[] = [];
    for (const name of names.filter((each) => !each.startsWith(".")).sort()) {
      const path = join(this.path, name);
      try {
        const file = await stat(path);
        if (file.isDirectory()) continue;
        if (file.size > BYTES_MAX)
          unread.push({ path, reason: `it is larger than ${BYTES_MAX} bytes` });
        else manifests.push({ path, text: await readFile(path, "utf8") });
      } catch (error) {
        // Gone between the listing and the look.
        if (!hasErrno(error, "ENOENT")) unread.push({ path, reason: messageOf(error) });
      }
    }
    return { manifests, unread };
  }

  /** Calls `look` soon after every change, and every 20 s, until the signal aborts. */
  async follow(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const changed = new AbortController();
      const unwatch = this.watch(() => changed.abort());
      // What was written before the watch is seen by this look.
      await look();
      await waitMs(this.deps.clock, LOOK_MS, AbortSignal.any([changed.signal, signal]));
      unwatch();
      await waitMs(this.deps.clock, SETTLE_MS, signal);
    }
  }

  private watch(onChange: () => void): () => void {
    try {
      const watcher = watch(this.path, onChange);
      watcher.on("error", () => {});
      return () => watcher.close();
    } catch {
      return () => {}; // Not there yet: the next look finds it.
    }
  }
}
