import fc from "fast-check";
import t from "tap";
import {
  applyConfChange,
  type ConfChangeV2,
  decodeConfChange,
  encodeConfChange,
  LEAVE_JOINT,
} from "./conf-change.js";
import { type ConfState, confStateOf, confStateProblem, isJoint, membersOf } from "./conf-state.js";
import { describeConfState } from "./describe.js";
import { isQuorum } from "./quorum.js";
import { parseConfChange } from "./test-stories.js";
import type { PeerId } from "./types.js";

/** Each line is a change and what comes of it. */
const TABLES: readonly (readonly (readonly [string, string])[])[] = [
  [
    ["v:b", "voters=(a b)"],
    ["v:b", "voters=(a b)"],
    ["l:c", "voters=(a b) learners=(c)"],
    ["v:c", "voters=(a b c)"],
    ["l:c", "voters=(a b) learners=(c)"],
    ["r:c", "voters=(a b)"],
    ["r:z", "voters=(a b)"],
    ["r:b", "voters=(a)"],
    ["r:a", "nobody would have a vote"],
    ["l:a", "nobody would have a vote"],
    ["", "there is no joint configuration to leave"],
  ],
  [
    // Two learners are promoted in one step.
    ["l:b l:c", "voters=(a)&&(a) learners=(b c) autoleave"],
    ["v:d", "the joint configuration must be left first"],
    ["", "voters=(a) learners=(b c)"],
    ["v:b v:c", "voters=(a b c)&&(a) autoleave"],
    ["", "voters=(a b c)"],
  ],
  [
    ["explicit v:b", "voters=(a b)&&(a)"],
    ["", "voters=(a b)"],
    // Who is demoted votes in the outgoing half until that is left.
    ["explicit l:a v:c", "voters=(b c)&&(a b) learners-next=(a)"],
    ["", "voters=(b c) learners=(a)"],
    ["implicit r:a", "voters=(b c)&&(b c) autoleave"],
    ["", "voters=(b c)"],
    // Later changes of one peer win.
    ["v:a r:a l:a", "voters=(b c)&&(b c) learners=(a) autoleave"],
    ["", "voters=(b c) learners=(a)"],
    ["r:b v:b", "voters=(b c)&&(b c) learners=(a) autoleave"],
    ["", "voters=(b c) learners=(a)"],
    ["r:b r:c", "nobody would have a vote"],
  ],
];

void t.test("changes of the membership, each with what comes of it", async (t) => {
  for (const table of TABLES) {
    let conf = confStateOf(["a"]);
    for (const [text, expected] of table) {
      const outcome = applyConfChange(conf, parseConfChange(text));
      const found = outcome.valid ? describeConfState(outcome.confState) : outcome.detail;
      t.equal(found, expected, `${describeConfState(conf)} + "${text}"`);
      if (outcome.valid) conf = outcome.confState;
    }
  }
});

const peer = fc.constantFrom("a", "b", "c", "d", "é");
const changeOf = fc.record<ConfChangeV2>({
  transition: fc.constantFrom("Auto", "JointImplicit", "JointExplicit"),
  changes: fc.array(
    fc.record({
      type: fc.constantFrom(
        "ConfChangeAddNode",
        "ConfChangeAddLearnerNode",
        "ConfChangeRemoveNode",
      ),
      node: peer,
    }),
    { maxLength: 4 },
  ),
});

/** What a peer is, looked at alone: the deliberately dumb second version. */
type Part = "voter" | "learner" | "out";

function dumb(before: ReadonlyMap<PeerId, Part>, change: ConfChangeV2): Map<PeerId, Part> {
  const after = new Map(before);
  for (const { type, node } of change.changes) {
    if (type === "ConfChangeAddNode") after.set(node, "voter");
    else after.set(node, type === "ConfChangeRemoveNode" ? "out" : "learner");
  }
  return after;
}

function partsOf(conf: ConfState): Map<PeerId, Part> {
  const parts = new Map<PeerId, Part>();
  for (const id of ["a", "b", "c", "d", "é"]) parts.set(id, "out");
  for (const id of conf.voters) parts.set(id, "voter");
  for (const id of [...conf.learners, ...conf.learnersNext]) parts.set(id, "learner");
  return parts;
}

/** Every membership on the way through these changes; a joint one is left before the next. */
function walk(changes: readonly ConfChangeV2[]): { conf: ConfState; by: ConfChangeV2 | null }[] {
  const path: { conf: ConfState; by: ConfChangeV2 | null }[] = [
    { conf: confStateOf(["a", "b", "c"]), by: null },
  ];
  for (const change of changes) {
    const last = path.at(-1)?.conf ?? confStateOf(["a"]);
    for (const by of isJoint(last) ? [LEAVE_JOINT, change] : [change]) {
      const outcome = applyConfChange(path.at(-1)?.conf ?? last, by);
      if (outcome.valid) path.push({ conf: outcome.confState, by });
    }
  }
  return path;
}

void t.test("agrees with looking at each peer alone", async () => {
  fc.assert(
    fc.property(fc.array(changeOf, { maxLength: 6 }), (changes) => {
      let expected: Map<PeerId, Part> | null = null;
      for (const { conf, by } of walk(changes)) {
        if (confStateProblem(conf) !== null) return false;
        if (expected !== null && by !== null) expected = dumb(expected, by);
        else expected = partsOf(conf);
        const found = partsOf(conf);
        for (const [id, part] of expected) if (found.get(id) !== part) return false;
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});

function subsets(peers: readonly PeerId[]): Set<PeerId>[] {
  const all: Set<PeerId>[] = [];
  for (let bits = 0; bits < 1 << peers.length; bits += 1)
    all.push(new Set(peers.filter((_, i) => (bits & (1 << i)) !== 0)));
  return all;
}

void t.test("quorums of one membership and of the next share a voter", async () => {
  fc.assert(
    fc.property(fc.array(changeOf, { maxLength: 4 }), (changes) => {
      const path = walk(changes);
      return path.every(({ conf }, i) => {
        const next = path[i + 1]?.conf ?? conf;
        const peers = [...new Set([...membersOf(conf), ...membersOf(next)])];
        const sets = subsets(peers);
        const [before, after] = [conf, next].map((one) =>
          sets.filter((set) => isQuorum(one, set)),
        ) as [Set<PeerId>[], Set<PeerId>[]];
        return before.every((a) => after.every((b) => [...a].some((id) => b.has(id))));
      });
    }),
    { numRuns: 200 },
  );
});

void t.test("what is encoded is decoded, and nothing else", async (t) => {
  fc.assert(
    fc.property(changeOf, (change) => {
      const data = encodeConfChange(change);
      const same = JSON.stringify(decodeConfChange(data)) === JSON.stringify(change);
      return same && data.every((byte) => byte >= 0x20 && byte < 0x7f);
    }),
  );
  const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
  for (const text of [
    "",
    "null",
    "{}",
    "[]",
    '{"v":2,"transition":"Auto","changes":[]}',
    '{"v":1,"transition":"Sometimes","changes":[]}',
    '{"v":1,"transition":"Auto","changes":[{"type":"ConfChangeAddNode","node":""}]}',
    '{"v":1,"transition":"Auto","changes":[{"type":"ConfChangeUpdateNode","node":"a"}]}',
    '{"v":1,"transition":"Auto","changes":[null]}',
  ])
    t.equal(decodeConfChange(bytes(text)), null, text);
});
