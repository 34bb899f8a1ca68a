import type { PeerId } from "raft-ts";
import type { Clock } from "../../base/clock.js";
import type { PeerAnswer } from "../transport/codec.js";

/** Others learn that the removal is committed before the one that tells them is gone. */
const GRACE_MS = 1_000;
const ASK_TIMEOUT_MS = 1_000;

export interface FarewellDeps {
  readonly clock: Clock;
  /** The voters that remain, as far as is applied here. A learner's word elects nobody. */
  readonly remaining: () => readonly PeerId[];
  readonly askStatus: (peer: PeerId, timeoutMs: number) => Promise<PeerAnswer>;
  /** Called once, when this member may go. */
  readonly onLeave: () => void;
}

/**
 * When a member that was removed may end. A change of the membership counts for whoever has applied
 * it, which is after its commit is durable there: until one of the voters that remain has, they may
 * need the vote of the one that they removed. Of two voters the one that stays could otherwise fall
 * before it knows, and wait for ever for a vote of the one that has left (etcd-io/raft names this
 * in doc.go as what its way to change the membership costs).
 */
export class Farewell {
  private readonly deps: FarewellDeps;
  private cancel: (() => void) | null = null;
  private isClosed = false;

  constructor(deps: FarewellDeps) {
    this.deps = deps;
  }

  /** The removal of this member was applied here, at `index`. Only the first call counts. */
  begin(index: number): void {
    if (this.cancel === null) this.wait(index);
  }

  close(): void {
    this.isClosed = true;
    this.cancel?.();
  }

  private wait(index: number): void {
    this.cancel = this.deps.clock.schedule(GRACE_MS, () => void this.ask(index));
  }

  private async ask(index: number): Promise<void> {
    const { remaining, askStatus, onLeave } = this.deps;
    const answers = await Promise.all(remaining().map((peer) => askStatus(peer, ASK_TIMEOUT_MS)));
    if (this.isClosed) return;
    if (answers.some((answer) => answer.ok && appliedIndexOf(answer.body) >= index)) onLeave();
    else this.wait(index);
  }
}

function appliedIndexOf(body: unknown): number {
  const { appliedIndex } = body as { readonly appliedIndex?: unknown };
  return typeof appliedIndex === "number" ? appliedIndex : 0;
}
