import { messageOf } from "../base/errors.js";
import type { ApplyResult } from "./store/apply-result.js";
import {
  type Command,
  refuseCommand,
  SHARED_TXNS_BYTES,
  SHARED_TXNS_MAX,
  txnSizeHint,
} from "./store/command.js";
import type { TxnRequest, TxnResponse } from "./store-api.js";
import { StoreError } from "./store-error.js";

interface Waiting {
  readonly txn: TxnRequest;
  readonly resolve: (response: TxnResponse) => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * Gathers the transactions that become due in one turn of the event loop and proposes them
 * together: what an entry of the log costs, at every replica, is shared by all of them. Each gets
 * the outcome that it would have had alone.
 */
export class TxnGatherer {
  private readonly propose: (command: Command) => Promise<ApplyResult>;
  private readonly atEndOfTurn: (run: () => void) => void;
  private gathered: Waiting[] = [];
  private bytes = 0;
  private waiting = 0;

  /**
   * `propose` rejects with StoreError; NoSpace says that nothing was proposed for what is added.
   * `atEndOfTurn` is another's than the event loop's in a simulation.
   */
  constructor(
    propose: (command: Command) => Promise<ApplyResult>,
    atEndOfTurn: (run: () => void) => void = setImmediate,
  ) {
    this.propose = propose;
    this.atEndOfTurn = atEndOfTurn;
  }

  /** Transactions that have no outcome yet. */
  get size(): number {
    return this.waiting;
  }

  /** Proposes it at the end of the turn at the latest. Rejects with StoreError. */
  txn(txn: TxnRequest): Promise<TxnResponse> {
    const refusal = refuseCommand({ type: "txn", txn });
    if (refusal !== null) return Promise.reject(new StoreError(refusal.code, refusal.message));
    this.waiting += 1;
    return new Promise((resolve, reject) => {
      this.add({ txn, resolve, reject });
    });
  }

  private add(one: Waiting): void {
    const size = txnSizeHint(one.txn);
    if (this.gathered.length > 0 && this.bytes + size > SHARED_TXNS_BYTES) this.flush();
    if (this.gathered.length === 0) this.atEndOfTurn(() => this.flush());
    this.gathered.push(one);
    this.bytes += size;
    if (this.gathered.length === SHARED_TXNS_MAX) this.flush();
  }

  private flush(): void {
    const { gathered } = this;
    if (gathered.length === 0) return;
    this.gathered = [];
    this.bytes = 0;
    void this.proposeAll(gathered);
  }

  /** Never rejects. */
  private async proposeAll(all: readonly Waiting[]): Promise<void> {
    try {
      const result = await this.propose(commandOf(all.map(({ txn }) => txn)));
      const results = result.type === "txns" ? result.results : [result];
      this.waiting -= all.length;
      all.forEach((one, i) => settle(one, results[i]));
    } catch (error) {
      const known = error instanceof StoreError ? error : unknownOutcome(error);
      if (all.length > 1 && known.code === "NoSpace") {
        // Refused as a whole for what some of them add: nothing of it was done.
        for (const one of all) void this.proposeAll([one]);
        return;
      }
      this.waiting -= all.length;
      for (const { reject } of all) reject(known);
    }
  }
}

function commandOf(txns: readonly TxnRequest[]): Command {
  const [first] = txns;
  return txns.length === 1 && first !== undefined
    ? { type: "txn", txn: first }
    : { type: "txns", txns };
}

function settle({ resolve, reject }: Waiting, result: ApplyResult | undefined): void {
  if (result?.type === "txn") resolve(result.response);
  else if (result?.type === "error") reject(new StoreError(result.code, result.message));
  else reject(unknownOutcome(new Error("a transaction was answered as something else")));
}

function unknownOutcome(cause: unknown): StoreError {
  return new StoreError("OutcomeUnknown", messageOf(cause), { cause });
}
