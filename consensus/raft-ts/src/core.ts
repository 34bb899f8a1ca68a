import { assert } from "./assert.js";
import {
  type ConfState,
  confStateOf,
  confStateProblem,
  isSoleVoter,
  isVoter,
} from "./conf-state.js";
import { applyConfChange } from "./conf-change.js";
import type { Leadership } from "./leadership.js";
import type { Message } from "./messages.js";
import { Outbox } from "./outbox.js";
import type { PlantedBug } from "./planted-bug.js";
import type { Electorate } from "./quorum.js";
import { RaftLog } from "./raft-log.js";
import type { Index, PeerId, RaftConfig, RaftState, Role, Snapshot, Term } from "./types.js";

/** A message without what `send` fills in. */
export type Unaddressed<M> = M extends Message
  ? Omit<M, "from" | "term"> & { readonly term?: Term }
  : never;

/**
 * What every role shares: the state of a peer and the steps between the roles. The functions of
 * election.ts, follower.ts, leader.ts … work on it; nobody outside this package sees it.
 */
export class Core {
  readonly id: PeerId;
  readonly config: RaftConfig;
  readonly log: RaftLog;
  readonly outbox: Outbox;

  role: Role = "follower";
  term: Term;
  vote: PeerId | null;
  leader: PeerId | null = null;
  /** Who belongs to the group, as of the applied index. Invariant: the only such record. */
  confState: ConfState;
  /** The newest snapshot that the shell can send. */
  snapshot: Snapshot | null = null;

  electionElapsed = 0;
  /** In ticks; drawn anew with every change of role. */
  electionTimeout = 0;
  /** Ticks since a leader was heard, at most; kept across roles, for leases. */
  sinceLeader = 0;
  /** Candidates only. */
  votes = new Map<PeerId, boolean>();
  /** The leader of a term asked us to campaign in the next one. */
  isTransfer = false;
  /** Leader only. */
  leadership: Leadership | null = null;
  private readonly firstConfState: ConfState;

  constructor(config: RaftConfig, state: RaftState) {
    checkConfig(config);
    this.config = config;
    this.id = config.id;
    this.log = new RaftLog(state);
    this.confState = initialConfState(config, { state, log: this.log });
    this.firstConfState = config.voters === undefined ? this.confState : confStateOf(config.voters);
    const { hardState } = state;
    this.term = hardState.term;
    this.vote = this.plants("ForgottenVote") ? null : hardState.vote;
    this.outbox = new Outbox({ ...hardState, vote: this.vote });
    assert(this.log.lastTerm <= this.term, `log of term ${this.log.lastTerm}, term ${this.term}`);
    this.resetTimers();
  }

  plants(bug: PlantedBug): boolean {
    return this.config.plantedBug === bug;
  }

  /** May it lead: it votes, and its state is not being replaced. */
  get isPromotable(): boolean {
    return isVoter(this.confState, this.id) && !this.log.isInstalling;
  }

  get isSoleVoter(): boolean {
    return isSoleVoter(this.confState, this.id);
  }

  get leases(): boolean {
    return (this.config.leaseTicks ?? 0) > 0;
  }

  /** Who decides elections. */
  get electorate(): Electorate {
    if (this.plants("TwoMembershipTruths")) return this.firstConfState;
    const { voters, learners } = this.confState;
    if (this.plants("LearnerVotes"))
      return { voters: [...voters, ...learners], votersOutgoing: [] };
    return this.confState;
  }

  /**
   * Thesis §4.2.3: who hears from a leader helps nobody to depose it. With leases this is a
   * promise, which neither a restart nor a campaign of our own ends early.
   */
  get defendsLeader(): boolean {
    const { electionTicks } = this.config;
    if (this.leases && this.role !== "leader" && !this.isSoleVoter)
      return this.sinceLeader < electionTicks;
    return this.leader !== null && this.electionElapsed < electionTicks;
  }

  becomeFollower(term: Term, leader: PeerId | null): void {
    assert(term >= this.term, `term goes back from ${this.term} to ${term}`);
    if (term > this.term) this.vote = null;
    this.term = term;
    this.role = "follower";
    this.leader = leader;
    this.leadership = null;
    this.resetTimers();
  }

  becomePreCandidate(): void {
    assert(this.role !== "leader", "a leader does not campaign");
    this.role = "preCandidate";
    this.leader = null;
    this.isTransfer = false;
    this.resetTimers();
    this.votes = new Map([[this.id, true]]);
  }

  becomeCandidate(isTransfer: boolean): void {
    assert(this.role !== "leader", "a leader does not campaign");
    this.role = "candidate";
    this.term += 1;
    this.vote = this.id;
    this.leader = null;
    this.isTransfer = isTransfer;
    this.resetTimers();
    this.votes = new Map([[this.id, true]]);
  }

  resetTimers(): void {
    this.electionElapsed = 0;
    const { electionTicks, random } = this.config;
    this.electionTimeout = electionTicks + random.below(electionTicks);
  }

  /** The leader of this term was heard. */
  heardLeader(): void {
    this.electionElapsed = 0;
    this.sinceLeader = 0;
  }

  /** The snapshot is the state machine now, and its membership ours. */
  installed(snapshot: Snapshot): void {
    this.log.installed(snapshot);
    // The peer itself may be missing there: it was added after the snapshot was taken.
    this.confState = this.plants("JointLostOnRestore")
      ? { ...snapshot.confState, votersOutgoing: [], learnersNext: [], autoLeave: false }
      : snapshot.confState;
  }

  /** Takes the body over: a copy of every message would be felt. */
  send(body: Unaddressed<Message>): void {
    const m = Object.assign(body, { from: this.id, term: body.term ?? this.term }) as Message;
    assert(m.to !== this.id, `${this.id} sends ${m.type} to itself`);
    this.outbox.send(m, this.mayLeaveAtOnce(m));
  }

  /** The membership after the entries up to `index`, which have been handed out for apply. */
  confStateAt(index: Index): ConfState {
    return foldConfChanges(this.confState, { log: this.log, from: this.log.applied, to: index });
  }

  /**
   * Votes, requests for them and acknowledgements rest on what is being written; everything rests
   * on the term. A candidate's term must be durable before it is spoken of: it could otherwise lead
   * the same term twice.
   */
  private mayLeaveAtOnce(m: Message): boolean {
    if (this.plants("AckBeforeFsync")) return true;
    if (m.type === "MsgVote" || m.type === "MsgVoteResp" || m.type === "MsgAppResp") return false;
    return this.outbox.isDurable(this.term, this.vote);
  }
}

function checkConfig(config: RaftConfig): void {
  const { electionTicks, heartbeatTicks, inflightMax, leaseTicks = 0 } = config;
  assert(heartbeatTicks > 0, "heartbeatTicks must be positive");
  assert(electionTicks > heartbeatTicks, "electionTicks must exceed heartbeatTicks");
  assert(inflightMax > 0, "inflightMax must be positive");
  assert((config.inflightSizeMaxBytes ?? 1) > 0, "inflightSizeMaxBytes must be positive");
  assert(leaseTicks >= 0 && leaseTicks < electionTicks, "leaseTicks must be below electionTicks");
}

function initialConfState(
  { voters, id }: RaftConfig,
  { state, log }: { readonly state: RaftState; readonly log: RaftLog },
): ConfState {
  assert(
    (voters === undefined) !== (state.confState === undefined),
    "one of voters and confState is the truth",
  );
  if (state.confState !== undefined) {
    const problem = confStateProblem(state.confState);
    assert(problem === null, `membership of ${id}: ${problem}`);
    return state.confState;
  }
  const first = confStateOf(voters ?? []);
  assert(first.voters.includes(id), `${id} is not among the voters`);
  const problem = confStateProblem(first);
  assert(problem === null, `voters of ${id}: ${problem}`);
  return foldConfChanges(first, { log, from: state.start.index, to: state.applied });
}

function foldConfChanges(
  confState: ConfState,
  { log, from, to }: { readonly log: RaftLog; readonly from: Index; readonly to: Index },
): ConfState {
  return log.confChanges(from, to).reduce((conf, change) => {
    const outcome = applyConfChange(conf, change);
    // A leader proposes only what can be applied, and one at a time.
    assert(outcome.valid, `a committed change of the membership: ${JSON.stringify(outcome)}`);
    return outcome.confState;
  }, confState);
}
