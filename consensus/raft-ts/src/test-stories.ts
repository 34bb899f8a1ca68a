import { assert } from "./assert.js";
import type { ConfChangeSingle, ConfChangeType, ConfChangeV2 } from "./conf-change.js";
import type { Message } from "./messages.js";
import { TestGroup, type TestGroupOptions } from "./test-group.js";
import type { ConfChangeResult, Entry, PeerId } from "./types.js";

const LETTERS: Readonly<Record<string, ConfChangeType>> = {
  v: "ConfChangeAddNode",
  l: "ConfChangeAddLearnerNode",
  r: "ConfChangeRemoveNode",
};

/**
 * `v:a` is to vote, `l:b` to learn, `r:c` to go; `implicit` and `explicit` name the transition.
 * Without anything: leave the joint configuration.
 */
export function parseConfChange(text: string): ConfChangeV2 {
  const words = text.split(" ").filter((word) => word !== "");
  const changes = words
    .filter((word) => word.includes(":"))
    .map((word): ConfChangeSingle => {
      const [letter = "", node = ""] = word.split(":");
      const type = LETTERS[letter];
      assert(type !== undefined, `no change ${word}`);
      return { type, node };
    });
  if (words.includes("explicit")) return { transition: "JointExplicit", changes };
  return { transition: words.includes("implicit") ? "JointImplicit" : "Auto", changes };
}

/** Timeouts in the order of the peers: the first campaigns first. */
export function groupOf(
  ids: readonly PeerId[],
  options: Partial<TestGroupOptions> = {},
): TestGroup {
  let drawn = 0;
  return new TestGroup(ids, {
    random: { below: (bound) => (drawn++ * 3) % bound },
    ...options,
  });
}

/** A group in which the first peer leads, and everything is settled. */
export function elected(
  ids: readonly PeerId[] = ["a", "b", "c"],
  options: Partial<TestGroupOptions> = {},
): TestGroup {
  const group = groupOf(ids, options);
  const [first = ""] = ids;
  // With leases, nobody votes before an election timeout (of ten ticks) after the start.
  if (options.leaseTicks !== undefined) group.tickAll(10, () => true);
  group.peer(first).raft.campaign();
  group.settle();
  assert(group.leader() === group.peer(first), `${first} leads`);
  return group;
}

/** Proposes a change of the membership at the leader. */
export function change(group: TestGroup, text: string): ConfChangeResult {
  const leader = group.leader();
  assert(leader !== null, "somebody leads");
  return leader.raft.proposeConfChange(parseConfChange(text));
}

/** What entries say, those that open a term and those of the membership left out. */
export function texts(entries: readonly Entry[]): string[] {
  return entries
    .filter(({ data, type }) => data.length > 0 && type === undefined)
    .map(({ data }) => Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}

/** Tells what is committed, and nothing else. */
export function isEmptyAppend(m: Message): boolean {
  return m.type === "MsgApp" && m.entries.length === 0;
}
