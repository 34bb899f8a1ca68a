import type { Call } from "../history.js";
import { listOf, numberOf, textOf, versionOf } from "./call-values.js";
import { type CheckResult, checkResult, type Violation } from "./check-result.js";

/** At `version`, `holder` became the holder for the `transitions`-th time. */
interface Takeover {
  readonly transitions: number;
  readonly holder: string;
  readonly version: number;
  readonly call: Call;
}

/** A write that was accepted, and the holding its sender claimed. */
interface Accepted extends Takeover {
  readonly id: string;
}

type Report = (kind: string, key: string, message: string, calls: readonly Call[]) => void;

/**
 * Whether fences held: no write of a holder was accepted after the version at which another took
 * over. Reads every accepted write, as its sender (an ok `write`) or an observer (an `observe`)
 * saw it. The key of a call names the Lease; an event that was observed names its own.
 */
export function checkElection(calls: readonly Call[]): CheckResult {
  const violations: Violation[] = [];
  const report: Report = (kind, key, message, shown) => {
    violations.push({ kind, key, message, calls: shown });
  };
  let takeovers = 0;
  let accepted = 0;
  const events: Takeover[] = [];
  const leases = new Set(calls.filter(({ f }) => f !== "observe").map(({ key }) => key));
  for (const key of leases) {
    const ofLease = callsOfLease(calls, key);
    const holders = takeoversOf(ofLease, report);
    const writes = acceptedOf(ofLease, report);
    takeovers += holders.length;
    accepted += writes.size;
    checkTakeovers(holders, report);
    checkFences(holders, [...writes.values()], report);
    checkWrites(ofLease, writes, report);
    events.push(...holders, ...writes.values());
  }
  const refused = calls.filter(({ f, outcome }) => f === "write" && outcome === "fail").length;
  const undecided = takeovers < 2 ? [`${takeovers} changes of the holder were seen`] : [];
  const unseen = firstUnseen(calls, events);
  if (unseen !== null) undecided.push(`what was accepted after version ${unseen} was not observed`);
  return checkResult(violations, undecided, { takeovers, accepted, refused, calls: calls.length });
}

/**
 * The version up to which observers together saw everything, when that is not all of it: a write
 * of unknown outcome may then have been accepted, and nobody looked. Null: they saw all.
 */
function firstUnseen(calls: readonly Call[], events: readonly Takeover[]): number | null {
  const versions = events.map(({ version }) => version);
  const last = versions.reduce((max, version) => Math.max(max, version), 0);
  let reached = versions.reduce((min, version) => Math.min(min, version - 1), last);
  const seen = calls
    .filter(({ f, outcome }) => f === "observe" && outcome === "ok")
    .map(({ output }) => [numberOf(output, "from"), numberOf(output, "to")] as const)
    .sort(([a], [b]) => a - b);
  for (const [from, to] of seen) if (from <= reached) reached = Math.max(reached, to);
  return reached >= last ? null : reached;
}

/** The calls that are about one Lease; of what observers saw, the events that are. */
function callsOfLease(calls: readonly Call[], key: string): Call[] {
  return calls.flatMap((call) => {
    if (call.f !== "observe") return call.key === key ? [call] : [];
    if (call.outcome !== "ok") return [];
    const events = listOf(call.output, "events").filter((event) => textOf(event, "lease") === key);
    const [from, to] = [numberOf(call.output, "from"), numberOf(call.output, "to")];
    return [{ ...call, output: { from, to, events } }];
  });
}

function takeoversOf(calls: readonly Call[], report: Report): Takeover[] {
  const byTransitions = new Map<number, Takeover>();
  const note = (takeover: Takeover): void => {
    const { transitions, holder, version, call } = takeover;
    const other = byTransitions.get(transitions);
    if (other === undefined) byTransitions.set(transitions, takeover);
    else if (other.holder !== holder || other.version !== version)
      report("two-leaders", call.key, `${other.holder} and ${holder} hold term ${transitions}`, [
        other.call,
        call,
      ]);
  };
  for (const call of calls) {
    if (call.outcome !== "ok") continue;
    if (call.f === "acquire")
      note({
        transitions: numberOf(call.output, "transitions"),
        holder: textOf(call.input, "holder"),
        version: versionOf(call),
        call,
      });
    for (const event of listOf(call.output, "events"))
      if (textOf(event, "type") === "taken")
        note({
          transitions: numberOf(event, "transitions"),
          holder: textOf(event, "holder"),
          version: Number(textOf(event, "version")),
          call,
        });
  }
  return [...byTransitions.values()].sort((a, b) => a.transitions - b.transitions);
}

/** Accepted writes by the id that each carries. */
function acceptedOf(calls: readonly Call[], report: Report): Map<string, Accepted> {
  const writes = new Map<string, Accepted>();
  const note = (write: Accepted): void => {
    const other = writes.get(write.id);
    if (other === undefined) writes.set(write.id, write);
    else if (other.version !== write.version)
      report("duplicate", write.call.key, `write ${write.id} was accepted twice`, [
        other.call,
        write.call,
      ]);
  };
  for (const call of calls) {
    if (call.outcome !== "ok") continue;
    if (call.f === "write")
      note(acceptedFrom(call, { ...claimOf(call), version: versionOf(call) }));
    for (const event of listOf(call.output, "events"))
      if (textOf(event, "type") === "write")
        note(
          acceptedFrom(call, {
            id: textOf(event, "id"),
            holder: textOf(event, "holder"),
            transitions: numberOf(event, "transitions"),
            version: Number(textOf(event, "version")),
          }),
        );
  }
  return writes;
}

function acceptedFrom(call: Call, write: Omit<Accepted, "call">): Accepted {
  return { ...write, call };
}

function claimOf({ input }: Call): Pick<Accepted, "id" | "holder" | "transitions"> {
  return {
    id: textOf(input, "id"),
    holder: textOf(input, "holder"),
    transitions: numberOf(input, "transitions"),
  };
}

function checkTakeovers(takeovers: readonly Takeover[], report: Report): void {
  takeovers.forEach((later, i) => {
    const earlier = takeovers[i - 1];
    if (earlier === undefined || earlier.version < later.version) return;
    const { transitions, version } = later;
    const message = `term ${transitions} begins at ${version}, not after ${earlier.version}`;
    report("order", later.call.key, message, [earlier.call, later.call]);
  });
}

function checkFences(
  takeovers: readonly Takeover[],
  writes: readonly Accepted[],
  report: Report,
): void {
  for (const write of writes) {
    const own = takeovers.find(({ transitions }) => transitions === write.transitions);
    // The versions of takeovers grow with their terms, or that was reported.
    const next = takeovers.find(({ transitions }) => transitions > write.transitions);
    const who = `write ${write.id} of ${write.holder} (term ${write.transitions})`;
    if (next !== undefined && next.version < write.version) {
      const taken = `after ${next.holder} took over at ${next.version}`;
      const message = `${who} was accepted at ${write.version}, ${taken}`;
      report("fence-broken", write.call.key, message, [next.call, write.call]);
    }
    if (own !== undefined && own.version > write.version) {
      const early = `before it took over at ${own.version}`;
      const message = `${who} was accepted at ${write.version}, ${early}`;
      report("fence-broken", write.call.key, message, [own.call, write.call]);
    }
    if (own !== undefined && own.holder !== write.holder) {
      const message = `${who} was accepted in the term of ${own.holder}`;
      report("fence-broken", write.call.key, message, [own.call, write.call]);
    }
  }
}

/**
 * What was refused was not done; what was acknowledged, an observer who got that far saw; what is
 * there, somebody wrote.
 */
function checkWrites(
  calls: readonly Call[],
  writes: ReadonlyMap<string, Accepted>,
  report: Report,
): void {
  const observed = calls.filter(({ f, outcome }) => f === "observe" && outcome === "ok");
  const seen = new Set(
    observed.flatMap(({ output }) => listOf(output, "events").map((event) => textOf(event, "id"))),
  );
  const covers = ({ output }: Call, version: number): boolean =>
    numberOf(output, "from") < version && version <= numberOf(output, "to");
  const sent = new Set(calls.filter(({ f }) => f === "write").map((call) => claimOf(call).id));
  for (const { id, version, call } of writes.values())
    if (!sent.has(id)) report("phantom", call.key, `nobody sent write ${id} at ${version}`, [call]);
  for (const call of calls) {
    if (call.f !== "write") continue;
    const { id } = claimOf(call);
    const write = writes.get(id);
    if (call.outcome === "fail" && write !== undefined)
      report("refused-but-done", call.key, `write ${id} was refused and is there`, [
        call,
        write.call,
      ]);
    const version = versionOf(call);
    if (call.outcome === "ok" && !seen.has(id) && observed.some((o) => covers(o, version)))
      report("lost", call.key, `write ${id} was acknowledged and nobody saw it`, [call]);
  }
}
