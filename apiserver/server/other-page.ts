import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";

/** Whoever looks at what this process does must not be kept waiting for another. */
const PATIENCE_MS = 2_000;
/** What is older than two usual scrapes says nothing of now. */
const KEPT_MS = 30_000;

/**
 * What another part of the server tells of itself, in Prometheus' text format. A part that is busy
 * is asked once at a time; as long as it does not answer its last page stands for it, or series
 * would end and begin anew whenever there is much to do.
 */
export class OtherPage {
  private readonly who: string;
  private readonly ask: () => Promise<string>;
  private readonly clock: Clock;
  private asked: Promise<string> | null = null;
  private last: { readonly text: string; readonly atMs: number } | null = null;

  constructor(who: string, ask: () => Promise<string>, clock: Clock) {
    this.who = who;
    this.ask = ask;
    this.clock = clock;
  }

  /** Resolves soon, with a comment where there is no page. */
  async text(): Promise<string> {
    this.asked ??= this.fetch();
    let cancel = (): void => {};
    const late = new Promise<null>((resolve) => {
      cancel = this.clock.schedule(PATIENCE_MS, () => resolve(null));
    });
    try {
      return (await Promise.race([this.asked, late])) ?? this.kept();
    } catch (error) {
      return `# ${this.who}: ${JSON.stringify(messageOf(error))}\n`;
    } finally {
      cancel();
    }
  }

  private async fetch(): Promise<string> {
    try {
      const text = await this.ask();
      this.last = { text, atMs: this.clock.monotonicMs() };
      return text;
    } finally {
      this.asked = null;
    }
  }

  private kept(): string {
    const { last } = this;
    const ageMs = last === null ? Number.POSITIVE_INFINITY : this.clock.monotonicMs() - last.atMs;
    if (last === null || ageMs > KEPT_MS) return `# ${this.who} does not answer\n`;
    return `# ${this.who} does not answer; from ${Math.round(ageMs / 1000)} s ago\n${last.text}`;
  }
}
