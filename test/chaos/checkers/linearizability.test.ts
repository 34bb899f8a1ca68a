import t from "tap";
import { SeededRandom } from "../../../base/random.js";
import { isLinearizableByBruteForce } from "./brute-force.js";
import { checkLinearizable, type TimedOp } from "./linearizability.js";
import { REGISTER, type RegisterOp } from "./register-model.js";

type Timed = TimedOp<RegisterOp>;
type Mutable = { op: RegisterOp; startNs: number; endNs: number };

const HISTORIES = 10_000;
const OPS_MAX = 8;

const read = (version: string, value: string): RegisterOp => ({ type: "read", version, value });
const write = (version: string | null, value: string): RegisterOp => ({
  type: "write",
  version,
  value,
});
const create: RegisterOp = { type: "create", version: "1", value: "a" };
const timed = (op: RegisterOp, startNs: number, endNs: number): Timed => ({ op, startNs, endNs });
const OPEN = Number.POSITIVE_INFINITY;

/** Plays a register in secret and tells each client what it saw: linearizable by construction. */
function randomHistory(random: SeededRandom): Mutable[] {
  const count = 1 + random.below(OPS_MAX);
  let version = 0;
  let value = "";
  const history: Mutable[] = [];
  for (let i = 0; i < count; i += 1) {
    const at = 10 * (i + 1);
    const startNs = at - 1 - random.below(25);
    const isOpen = random.chance(15);
    const endNs = isOpen ? OPEN : at + 1 + random.below(25);
    const happens = !isOpen || random.chance(50);
    const op = randomOp(random, { version, value, next: `v${i}`, isOpen });
    if (happens && "value" in op && op.type !== "read") {
      version += 1;
      value = op.value;
    }
    // What did not happen has no version that anybody could have seen.
    const isUnseen = !happens && "version" in op && op.type !== "read" && random.chance(50);
    history.push({ op: isUnseen ? { ...op, version: null } : op, startNs, endNs });
  }
  return history.filter(({ op, endNs }) => !(op.type === "read" && endNs === OPEN));
}

function randomOp(
  random: SeededRandom,
  now: { version: number; value: string; next: string; isOpen: boolean },
): RegisterOp {
  const version = String(now.version + 1);
  const kind = random.below(5);
  if (now.version === 0) {
    if (kind === 0) return { type: "absent" };
    return { type: "create", version, value: now.next };
  }
  if (kind === 0) return { type: "present" };
  if (kind === 1) return { type: "mismatch", expected: String(now.version + 1) };
  if (kind === 2) return { type: "cas", expected: String(now.version), version, value: now.next };
  if (kind === 3) return write(version, now.next);
  return read(String(now.version), now.value);
}

/** Changes one thing that a client claims to have seen, or when. */
function mutate(history: Mutable[], random: SeededRandom): void {
  const at = history[random.below(Math.max(1, history.length))];
  if (at === undefined) return;
  const other = String(1 + random.below(OPS_MAX));
  switch (random.below(4)) {
    case 0:
      if (at.op.type === "read") at.op = { ...at.op, version: other };
      else if (at.op.type === "cas") at.op = { ...at.op, expected: other };
      else at.op = read(other, `v${Number(other) - 1}`);
      break;
    case 1:
      at.op = { type: "absent" };
      break;
    case 2:
      at.startNs += 40;
      if (at.endNs !== OPEN) at.endNs += 40;
      break;
    default:
      if (at.op.type === "cas" || at.op.type === "write") at.op = { ...at.op, version: other };
      else at.op = { type: "mismatch", expected: other };
  }
}

void t.test("agrees with the brute-force checker on random histories", (t) => {
  const verdicts = { valid: 0, invalid: 0 };
  for (let seed = 0; seed < HISTORIES; seed += 1) {
    const random = new SeededRandom(seed);
    const history = randomHistory(random);
    const isMutated = seed % 2 === 1;
    if (isMutated) mutate(history, random);
    const expected = isLinearizableByBruteForce(REGISTER, history);
    const found = checkLinearizable(REGISTER, history);
    if (found.valid !== expected || (!isMutated && !expected)) {
      t.fail(`seed ${seed}: brute force says ${expected}`, { history, found });
      break;
    }
    verdicts[expected ? "valid" : "invalid"] += 1;
  }
  t.ok(verdicts.invalid > HISTORIES / 10, `${verdicts.invalid} of them are wrong`);
  t.ok(verdicts.valid > HISTORIES / 2, `${verdicts.valid} of them are right`);
  t.end();
});

void t.test("sees a stale read, and takes a concurrent one", (t) => {
  const writes = [timed(create, 0, 1), timed(write("2", "b"), 2, 5)];
  t.equal(checkLinearizable(REGISTER, [...writes, timed(read("1", "a"), 6, 7)]).valid, false);
  t.equal(checkLinearizable(REGISTER, [...writes, timed(read("1", "a"), 4, 7)]).valid, true);
  const atOnce = [...writes, timed(read("1", "a"), 5, 7)];
  t.equal(checkLinearizable(REGISTER, atOnce).valid, true, "at one moment is concurrent");
  t.end();
});

void t.test("an operation of unknown outcome stays open for ever", (t) => {
  const ops = [timed(create, 0, 1), timed(write(null, "b"), 2, OPEN)];
  const never = [...ops, timed(read("1", "a"), 1000, 1001)];
  t.equal(checkLinearizable(REGISTER, never).valid, true, "it may never happen");
  const late = [
    timed(create, 0, 1),
    timed(write("2", "b"), 2, OPEN),
    timed(read("1", "a"), 1000, 1001),
    timed(read("2", "b"), 2000, 2001),
  ];
  t.equal(checkLinearizable(REGISTER, late).valid, true, "it may happen late");
  const back = [...late, timed(read("1", "a"), 3000, 3001)];
  t.equal(checkLinearizable(REGISTER, back).valid, false, "but not be undone");
  t.end();
});

void t.test("two compare-and-sets on one version cannot both win", (t) => {
  const cas = (version: string, value: string): RegisterOp => ({
    type: "cas",
    expected: "1",
    version,
    value,
  });
  const both = [timed(create, 0, 1), timed(cas("2", "b"), 2, 9), timed(cas("3", "c"), 2, 9)];
  t.equal(checkLinearizable(REGISTER, both).valid, false);
  const one = [both[0], both[1], timed({ type: "mismatch", expected: "1" }, 2, 9)];
  t.equal(checkLinearizable(REGISTER, one as Timed[]).valid, true);
  t.end();
});

void t.test("no time is no verdict", (t) => {
  // Many open writes and a read of nothing that was written: every set of them must be tried.
  const ops = [timed(create, 0, 1)];
  for (let i = 0; i < 40; i += 1) ops.push(timed(write(String(i + 2), `w${i}`), 2, OPEN));
  ops.push(timed(read("99", "x"), 5, 6));
  let looks = 0;
  const found = checkLinearizable(REGISTER, ops, () => {
    looks += 1;
    return looks > 10;
  });
  t.same(found, { valid: "unknown" });
  t.end();
});
