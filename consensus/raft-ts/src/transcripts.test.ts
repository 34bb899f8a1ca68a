import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { describeConfState, describeEntry, describeMessage, describeReady } from "./describe.js";
import { TestGroup } from "./test-group.js";
import { parseConfChange } from "./test-stories.js";
import type { Message } from "./messages.js";
import type { PeerId } from "./types.js";

/**
 * A transcript is a story told in commands, each followed by what it brought about. `UPDATE=1`
 * writes down what comes out; the difference is then for a reviewer to understand.
 */
const folder = fileURLToPath(new URL("../transcripts/", import.meta.url));

/** Followers campaign after five ticks at the earliest; after three they defend nobody. */
const TIMING = { random: { below: () => 2 }, electionTicks: 3 };

type Verb = (group: TestGroup, args: readonly string[]) => string[];

/** The vocabulary. The first argument names the peer that acts. */
const VERBS: Readonly<Record<string, Verb>> = {
  campaign: (group, [id = ""]) => {
    group.peer(id).raft.campaign();
    return take(group, id);
  },
  propose: (group, [id = "", ...words]) => {
    const result = group.peer(id).raft.propose(bytes(words));
    return result.accepted ? take(group, id) : [`refused: ${result.reason}`];
  },
  forward: (group, [id = "", ...words]) => {
    const result = group.peer(id).raft.forward(bytes(words));
    return result.accepted ? take(group, id) : [`refused: ${result.reason}`];
  },
  "propose-conf-change": (group, [id = "", ...words]) => {
    const result = group.peer(id).raft.proposeConfChange(parseConfChange(words.join(" ")));
    return result.accepted ? take(group, id) : [`refused: ${result.reason} (${result.detail})`];
  },
  "transfer-leadership": (group, [id = "", to = ""]) => {
    const taken = group.peer(id).raft.transferLeader(to);
    return taken ? take(group, id) : ["refused"];
  },
  read: (group, [id = "", context]) => {
    const taken = group.read(id, Number(context));
    return [`taken: ${taken}`, ...take(group, id)];
  },
  tick: (group, [id = "", count]) => {
    for (let i = 0; i < Number(count ?? 1); i += 1) group.peer(id).raft.tick();
    return take(group, id);
  },
  "tell-commit": (group, [id = ""]) => {
    group.peer(id).raft.tellCommit();
    return take(group, id);
  },
  "report-pause": (group, [id = ""]) => {
    group.peer(id).raft.reportPause();
    return take(group, id);
  },
  "report-unreachable": (group, [id = "", peer = ""]) => {
    group.peer(id).raft.reportUnreachable(peer);
    return take(group, id);
  },
  "send-snapshot": (group, [id = ""]) => {
    const { term, index } = group.takeSnapshot(id);
    return [`taken: ${term}/${index}`, ...take(group, id)];
  },
  "report-snapshot": (group, [id = "", peer = "", status = ""]) => {
    const arrived = status === "arrived";
    group.peer(id).raft.reportSnapshot(peer, arrived ? "SnapshotFinish" : "SnapshotFailure");
    return take(group, id);
  },
  compact: (group, [id = "", index]) => [`first: ${group.compact(id, Number(index))}`],
  write: (group, [id = ""]) => write(group, id),
  deliver: deliver,
  drop: drop,
  crash: (group, [id = ""]) => {
    group.crash(id);
    return [];
  },
  restart: (group, [id = ""]) => {
    group.restart(id);
    return state(group, id);
  },
  stabilize: stabilize,
  state: (group) => [...group.peers.keys()].flatMap((id) => state(group, id)),
  members: (group, [id = ""]) => [describeConfState(group.peer(id).raft.confState)],
  progress: (group, [id = "", of = ""]) => {
    const found = group.peer(id).raft.progressOf(of);
    return found === null ? ["none"] : [`${found.state} match:${found.match} next:${found.next}`];
  },
  "raft-log": (group, [id = ""]) => group.peer(id).raft.entries().map(describeEntry),
};

class Story {
  private group: TestGroup | null = null;

  /** `quiet COMMAND` leaves out what came of it: another transcript tells it. */
  run(command: string): string[] {
    const [verb = "", ...args] = command.split(" ");
    if (verb === "quiet") {
      this.run(args.join(" "));
      return [];
    }
    if (verb === "add-nodes") return this.addNodes(args);
    const { group } = this;
    if (group === null) throw new Error("the first command is add-nodes");
    const does = VERBS[verb];
    if (does === undefined) throw new Error(`no command ${verb}`);
    return does(group, args);
  }

  /**
   * Voters; `spare=d` is a peer that belongs to nobody, `lease-ticks=2` allows lease reads,
   * `commit=lazy` is RaftConfig.lazyCommit.
   */
  private addNodes(args: readonly string[]): string[] {
    const value = (name: string): string[] =>
      args.filter((arg) => arg.startsWith(`${name}=`)).map((arg) => arg.split("=")[1] ?? "");
    const leaseTicks = Number(value("lease-ticks")[0] ?? 0);
    const lazyCommit = value("commit")[0] === "lazy";
    const voters = args.filter((arg) => !arg.includes("="));
    const spares = value("spare");
    this.group = new TestGroup(voters, { ...TIMING, leaseTicks, lazyCommit, spares });
    return [];
  }
}

function bytes(words: readonly string[]): Uint8Array {
  return new TextEncoder().encode(words.join(" "));
}

function take(group: TestGroup, id: PeerId): string[] {
  return group.process(id).flatMap(describeReady);
}

function write(group: TestGroup, id: PeerId): string[] {
  const sentBefore = group.network.length;
  group.write(id);
  return group.network.slice(sentBefore).map((m) => `sent ${describeMessage(m)}`);
}

function matching(group: TestGroup, [to, type]: readonly string[]): Message[] {
  return group.network.filter((m) => m.to === to && (type === undefined || m.type === type));
}

function deliver(group: TestGroup, args: readonly string[]): string[] {
  const lines: string[] = [];
  for (const m of matching(group, args)) {
    group.network = group.network.filter((other) => other !== m);
    const peer = group.peer(m.to);
    if (peer.down) continue;
    peer.raft.step(m);
    lines.push(`${describeMessage(m)}`, ...take(group, m.to).map((line) => `  ${line}`));
  }
  return lines;
}

function drop(group: TestGroup, args: readonly string[]): string[] {
  const dropped = matching(group, args);
  group.network = group.network.filter((m) => !dropped.includes(m));
  return dropped.map(describeMessage);
}

/** Everything is written and delivered until nothing is left; what was said is told in order. */
function stabilize(group: TestGroup): string[] {
  const lines: string[] = [];
  for (;;) {
    for (const [id, peer] of group.peers) {
      lines.push(...take(group, id).map((line) => `${id}: ${line}`));
      while (peer.writing.length > 0) group.write(id);
    }
    const [m] = group.network;
    if (m === undefined) return lines;
    lines.push(...deliver(group, [m.to, m.type]));
  }
}

function state(group: TestGroup, id: PeerId): string[] {
  const { raft, down } = group.peer(id);
  if (down) return [`${id}: down`];
  const { role, term, leader, commitIndex, lastIndex } = raft;
  return [`${id}: ${role} term:${term} leader:${leader} commit:${commitIndex} last:${lastIndex}`];
}

/** Commands are lines that begin with "> "; everything else is what came of them. */
function retell(text: string): string {
  const story = new Story();
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) lines.push(line);
    if (!line.startsWith("> ")) continue;
    lines.push(line, ...story.run(line.slice(2)).map((out) => `  ${out}`));
  }
  return `${lines.join("\n")}\n`;
}

for (const name of readdirSync(folder).filter((file) => file.endsWith(".txt"))) {
  void t.test(name, async (t) => {
    const path = join(folder, name);
    const written = readFileSync(path, "utf8");
    const told = retell(written);
    if (process.env.UPDATE === "1") writeFileSync(path, told);
    else t.equal(told, written);
  });
}
