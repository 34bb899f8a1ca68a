import { createHash } from "node:crypto";
import { formatTime } from "../../api/machinery/time.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import { podKey } from "../plan/pod-runtime.js";
import { type Manifest, parseStaticPod } from "../plan/static-pods.js";
import type { PodWorkers } from "../pod-workers.js";
import { ManifestFolder } from "./manifest-folder.js";
import type { MirrorPods } from "./mirror-pods.js";

interface StaticPodsDeps {
  readonly nodeName: string;
  readonly workers: Pick<PodWorkers, "get" | "setPod" | "removePod">;
  readonly mirrors: Pick<MirrorPods, "want" | "begin">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Runs the pods of a folder's manifests, whatever the API says or does not say. A manifest that
 * turns bad leaves the pod as it was; one that goes takes the pod with it.
 */
export class StaticPods {
  private readonly folder: ManifestFolder;
  private readonly deps: StaticPodsDeps;
  /** By path: the last good reading of each file. */
  private read = new Map<string, { readonly text: string; readonly pod: Pod }>();
  /** By path: what was last complained of. */
  private complaints = new Map<string, string>();
  /** By namespace and name: what is to run, and what the workers have. */
  private wanted = new Map<string, Pod>();
  private readonly running = new Map<string, Pod>();
  private readonly ending = new Set<string>();

  constructor(path: string, deps: StaticPodsDeps) {
    this.folder = new ManifestFolder(path, deps);
    this.deps = deps;
  }

  /** Looks at the folder once: to be called before the pods of the API are known. */
  async look(): Promise<void> {
    const found = await this.folder.read();
    if (found === null) return;
    const unread = new Map(found.unread.map(({ path, reason }) => [path, reason]));
    const read: StaticPods["read"] = new Map();
    for (const manifest of found.manifests) {
      const before = this.read.get(manifest.path);
      if (before?.text === manifest.text) {
        read.set(manifest.path, before);
        continue;
      }
      const result = parseStaticPod(manifest, this.context());
      if (result.ok) read.set(manifest.path, { text: manifest.text, pod: result.pod });
      else unread.set(manifest.path, result.reason);
    }
    for (const path of unread.keys()) {
      const before = this.read.get(path);
      if (before !== undefined) read.set(path, before);
    }
    this.read = read;
    this.wanted = this.byName(read, unread);
    this.complain(unread);
    this.apply();
    this.deps.mirrors.begin();
  }

  /** Looks whenever the folder changes, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.folder.follow(() => this.look(), signal);
  }

  /** A worker has ended: who waited for it may begin. */
  workerGone(): void {
    this.apply();
  }

  private context() {
    const { nodeName, clock } = this.deps;
    const hash = (text: string): string =>
      createHash("sha256").update(text).digest("hex").slice(0, 32);
    return { nodeName, now: formatTime(clock.nowMs()), hash };
  }

  /** Of two files with the same pod the first counts. */
  private byName(read: StaticPods["read"], unread: Map<string, string>): Map<string, Pod> {
    const wanted = new Map<string, Pod>();
    const owners = new Map<string, Manifest["path"]>();
    for (const [path, { pod }] of [...read].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const key = podKey(pod);
      const owner = owners.get(key);
      if (owner !== undefined) unread.set(path, `${owner} has a pod of this name`);
      else {
        owners.set(key, path);
        wanted.set(key, pod);
      }
    }
    return wanted;
  }

  private complain(unread: ReadonlyMap<string, string>): void {
    for (const [path, reason] of unread)
      if (this.complaints.get(path) !== reason)
        this.deps.logger.error("a manifest cannot be used", { path, reason });
    this.complaints = new Map(unread);
  }

  /** A changed pod begins when the one before it has ended: they may want the same ports. */
  private apply(): void {
    const { workers, mirrors } = this.deps;
    for (const key of new Set([...this.running.keys(), ...this.wanted.keys()])) {
      const now = this.running.get(key);
      const wanted = this.wanted.get(key);
      if (now !== undefined && now.metadata.uid !== wanted?.metadata.uid) this.end(key, now);
      if (wanted !== undefined && !this.running.has(key)) {
        this.running.set(key, wanted);
        workers.setPod(wanted);
      }
      mirrors.want(key, this.running.get(key) ?? null);
    }
  }

  private end(key: string, pod: Pod): void {
    const { uid } = pod.metadata;
    if (this.deps.workers.get(uid) === null) {
      this.running.delete(key);
      this.ending.delete(uid);
    } else if (!this.ending.has(uid)) {
      this.ending.add(uid);
      this.deps.workers.removePod(pod);
    }
  }
}
