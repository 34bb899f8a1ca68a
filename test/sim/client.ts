import { hasCode } from "../../base/errors.js";
import {
  type ApplyResult,
  type Command,
  type KeyValue,
  type Op,
  type Proposal,
  type RangeResponse,
  StoreError,
  TxnGatherer,
  type TxnRequest,
  type TxnResponse,
} from "../../consensus/simulation.js";
import type { SeededRandom } from "../../base/random.js";
import type { EventQueue } from "./event-queue.js";
import type { Found, History, Invocation } from "./history.js";
import type { KeyEffect } from "./key-model.js";
import type { Serving, SimServer } from "./sim-server.js";
import type { Totals } from "./totals.js";

export interface ClientDeps {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly history: History;
  readonly totals: Totals;
  readonly servers: () => readonly SimServer[];
  /** Keys there are. */
  readonly keys: readonly string[];
  readonly thinkMs: number;
  readonly note: (who: string, what: string) => void;
  readonly fail: (why: string) => void;
}

/** How long a client waits for one answer, and how often it asks at all. */
const ANSWER_MS = 4_000;
const ATTEMPTS_MAX = 6;
const RETRY_MS = 80;
/** Transactions that are asked for in one turn, at most. */
const TOGETHER_MAX = 4;
/** The server said for certain that it did nothing. */
const REFUSALS: ReadonlySet<string> = new Set(["NoLeader", "Overloaded", "NotServing"]);

type Answer =
  | { readonly type: "ok"; readonly result: unknown }
  | { readonly type: "refused" }
  | { readonly type: "unknown" };

interface PlannedWrite {
  readonly kind: string;
  readonly value: string;
  readonly txn: TxnRequest;
  /** What it does if it happens and no answer comes. */
  readonly blind: ReadonlyMap<string, KeyEffect>;
  readonly told: (response: TxnResponse) => ReadonlyMap<string, KeyEffect>;
}

/** One client: one operation after the other, each at whatever server it likes. */
export class Client {
  readonly name: string;
  isStopped = false;
  /** Since the client began the operation it works on. */
  busySinceMs: number | null = null;
  /** When it began the operation that was answered last. */
  doneSinceMs = 0;
  private readonly deps: ClientDeps;
  private readonly session: string;
  private values = 0;
  private proposals = 0;
  private readonly gatherer: TxnGatherer;
  private server: SimServer | null = null;

  constructor(number: number, deps: ClientDeps) {
    this.name = `c${number}`;
    this.session = number.toString(16).padStart(16, "0");
    this.deps = deps;
    this.gatherer = new TxnGatherer(
      (command) => this.propose(command),
      (run) => void deps.queue.after(0, run),
    );
  }

  start(): void {
    const { queue, random, thinkMs } = this.deps;
    queue.after(1 + random.below(thinkMs), () => {
      if (this.isStopped) return;
      this.busySinceMs = queue.nowMs;
      this.operate().then(
        () => {
          this.busySinceMs = null;
          this.start();
        },
        (error: unknown) => this.deps.fail(`${this.name}: ${String(error)}`),
      );
    });
  }

  private async operate(): Promise<void> {
    const { random } = this.deps;
    const dice = random.below(100);
    if (dice < 22) return this.read(false);
    if (dice < 32) return this.readAll();
    if (dice < 38) return this.read(true);
    if (dice < 93) return this.write(this.planWrite());
    // Several at once, which share an entry of the log.
    const together = 2 + random.below(TOGETHER_MAX - 1);
    const plans = Array.from({ length: together }, () => this.planWrite());
    await Promise.all(plans.map((plan) => this.write(plan)));
  }

  private planWrite(): PlannedWrite {
    const { random, keys } = this.deps;
    const dice = random.below(10);
    this.values += 1;
    const value = `${this.name}-${this.values}`;
    const key = this.anyKey();
    if (dice < 2) return planDelete(key, value);
    if (dice < 5) return planCas(key, this.lastSeen.get(key) ?? null, value);
    const other = keys[random.below(keys.length)] as string;
    const both = dice < 7 && other !== key ? [key, other] : [key];
    return planPuts(both, value);
  }

  private async write(plan: PlannedWrite): Promise<void> {
    const { history, totals } = this.deps;
    history.mayWrite(plan.value);
    const op = this.begin(`${plan.kind} ${[...plan.blind.keys()].join(" ")} ${plan.value}`);
    totals.writes += 1;
    try {
      this.conclude(op, await this.gatherer.txn(plan.txn), plan);
    } catch (error) {
      if (hasCode(error, "NoLeader")) return this.end(op, "refused");
      if (!hasCode(error, "OutcomeUnknown")) throw error;
      history.unknown(op, plan.blind);
      this.end(op, "no answer");
    }
  }

  /** For the gatherer, as the production client does it: the same proposal at one after the other. */
  private async propose(command: Command): Promise<ApplyResult> {
    const answer = await this.attemptAll(this.proposer(command), { isWrite: true });
    if (answer.type === "refused") throw new StoreError("NoLeader", "everybody refused");
    if (answer.type === "unknown") throw new StoreError("OutcomeUnknown", "nobody answered");
    const result = answer.result as ApplyResult;
    if (result.type === "txns") this.deps.totals.sharedEntries += 1;
    return result;
  }

  private conclude(op: Invocation, response: TxnResponse, plan: PlannedWrite): void {
    const effects = plan.told(response);
    const writes: { key: string; value: string | null }[] = [];
    const found = new Map<string, Found | null>();
    for (const [key, effect] of effects) {
      if (effect.kind === "put" || (effect.kind === "cas" && effect.succeeded === true))
        writes.push({ key, value: effect.value });
      if (effect.kind === "delete" && effect.existed === true) writes.push({ key, value: null });
    }
    for (const result of response.results)
      if (result.type === "range")
        for (const key of effects.keys()) found.set(key, foundIn(result.kvs, key));
    const { revision } = response;
    const wrong = this.deps.history.answer(op, { revision, writes, found, effects });
    if (wrong !== null) this.deps.fail(wrong);
    for (const { key, value } of writes) this.lastSeen.set(key, value);
    this.end(op, `done at revision ${revision}`);
  }

  private async read(isStale: boolean): Promise<void> {
    const key = this.anyKey();
    const op = this.begin(`${isStale ? "stale read" : "read"} ${key}`);
    const request = { key: Buffer.from(key), serializable: isStale };
    const answer = await this.attemptAll((server) => server.member.range(request), {
      isWrite: false,
    });
    this.told(op, answer, { keys: [key], isStale });
  }

  private async readAll(): Promise<void> {
    const op = this.begin("read all");
    const request = { key: Buffer.from("/k/"), rangeEnd: Buffer.from("/k0") };
    const answer = await this.attemptAll((server) => server.member.range(request), {
      isWrite: false,
    });
    this.told(op, answer, { keys: this.deps.keys, isStale: false });
  }

  private told(
    op: Invocation,
    answer: Answer,
    { keys, isStale }: { readonly keys: readonly string[]; readonly isStale: boolean },
  ): void {
    const { history } = this.deps;
    if (answer.type !== "ok") return this.end(op, "no answer");
    const { revision, kvs } = answer.result as RangeResponse;
    const found = new Map(keys.map((key) => [key, foundIn(kvs, key)]));
    for (const [key, one] of found) this.lastSeen.set(key, one?.value ?? null);
    if (isStale) history.answerStale(revision, found);
    else {
      const effects = new Map<string, KeyEffect>();
      for (const [key, one] of found) effects.set(key, { kind: "read", found: one?.value ?? null });
      const wrong = history.answer(op, { revision, writes: [], found, effects });
      if (wrong !== null) this.deps.fail(wrong);
    }
    const text = [...found].map(([key, one]) => `${key}=${one?.value ?? "-"}`).join(" ");
    this.end(op, `${text} at revision ${revision}`);
  }

  /** Asks one server after the other until one says something of use. */
  private async attemptAll(
    ask: (server: Serving) => Promise<unknown>,
    { isWrite }: { readonly isWrite: boolean },
  ): Promise<Answer> {
    let isUnknown = false;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const server = this.pickServer();
      if (server !== null) {
        const answer = await this.within(server, ask);
        if (answer.type === "ok") {
          this.doneSinceMs = this.busySinceMs ?? 0;
          return answer;
        }
        if (answer.type === "unknown") isUnknown = true;
        this.server = null;
        // Who does not resend what may have happened gives up.
        if (isUnknown && isWrite && this.deps.random.below(3) === 0) break;
      }
      await this.wait(RETRY_MS);
    }
    return { type: isUnknown ? "unknown" : "refused" };
  }

  private proposer(command: Command) {
    const { session } = this;
    const { totals } = this.deps;
    this.proposals += 1;
    const sequence = this.proposals;
    let since: number | null = null;
    return (server: Serving): Promise<unknown> => {
      const origin = { session, sequence, resentSince: since };
      if (since !== null) totals.resends += 1;
      if (since !== null && command.type === "txns") totals.sharedResends += 1;
      since ??= server.member.replica.applied.index;
      const proposal: Proposal = { origin, command };
      return server.member.propose(proposal);
    };
  }

  /** A process that dies never answers: the client's own patience ends. */
  private within(server: SimServer, ask: (server: Serving) => Promise<unknown>): Promise<Answer> {
    return new Promise((resolve) => {
      const stop = this.deps.queue.after(ANSWER_MS, () => resolve({ type: "unknown" }));
      const settle = (answer: Answer): void => {
        stop();
        resolve(answer);
      };
      server.call(ask).then(
        (result) => settle({ type: "ok", result }),
        (error: unknown) => {
          const { code } = error as { code?: unknown };
          if (typeof code !== "string") this.deps.fail(`${server.name}: ${describe(error)}`);
          settle({ type: REFUSALS.has(String(code)) ? "refused" : "unknown" });
        },
      );
    });
  }

  private pickServer(): SimServer | null {
    const { random, servers } = this.deps;
    if (this.server?.isServing === true && random.below(5) !== 0) return this.server;
    const serving = servers().filter((server) => server.isServing);
    this.server = serving[random.below(Math.max(1, serving.length))] ?? null;
    return this.server;
  }

  private readonly lastSeen = new Map<string, string | null>();

  private anyKey(): string {
    const { keys, random } = this.deps;
    return keys[random.below(keys.length)] as string;
  }

  private begin(text: string): Invocation {
    this.deps.totals.operations += 1;
    this.deps.note(this.name, text);
    return this.deps.history.invoke(this.name, text);
  }

  private end(op: Invocation, outcome: string): void {
    this.deps.note(this.name, `${op.text}: ${outcome}`);
  }

  private wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.deps.queue.after(delayMs, resolve);
    });
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function foundIn(kvs: readonly KeyValue[], key: string): Found | null {
  const kv = kvs.find((one) => one.key.toString() === key);
  return kv === undefined ? null : { value: kv.value.toString(), modRevision: kv.modRevision };
}

function planPuts(keys: readonly string[], value: string): PlannedWrite {
  const ops = keys.map((key): Op => {
    return { type: "put", key: Buffer.from(key), value: Buffer.from(value) };
  });
  const effects = new Map(keys.map((key): [string, KeyEffect] => [key, { kind: "put", value }]));
  const txn = { compares: [], success: ops };
  return { kind: "put", value, txn, blind: effects, told: () => effects };
}

function planDelete(key: string, value: string): PlannedWrite {
  const ops: Op[] = [{ type: "delete", key: Buffer.from(key) }];
  const told = (existed: boolean | null): Map<string, KeyEffect> =>
    new Map([[key, { kind: "delete", existed }]]);
  return {
    kind: "delete",
    value,
    txn: { compares: [], success: ops },
    blind: told(null),
    told: ({ results: [result] }) => told(result?.type === "delete" && result.deleted > 0),
  };
}

/** Puts the value if the key still holds what this client saw last. */
function planCas(name: string, expected: string | null, value: string): PlannedWrite {
  const key = Buffer.from(name);
  const compare =
    expected === null
      ? ({ target: "version", key, result: "=", value: 0 } as const)
      : ({ target: "value", key, result: "=", value: Buffer.from(expected) } as const);
  const ops: Op[] = [{ type: "put", key, value: Buffer.from(value) }];
  const txn = { compares: [compare], success: ops, failure: [{ type: "range", key } as const] };
  const told = (succeeded: boolean | null, found: string | null): Map<string, KeyEffect> =>
    new Map([[name, { kind: "cas", expected, value, succeeded, found }]]);
  return {
    kind: "cas",
    value,
    txn,
    blind: told(null, null),
    told: ({ succeeded, results: [result] }) => {
      const kvs = result?.type === "range" ? result.kvs : [];
      return told(succeeded, succeeded ? null : (foundIn(kvs, name)?.value ?? null));
    },
  };
}
