import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../base/clock.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import { MemberCredentials, type MemberFiles } from "./member-credentials.js";
import { MemberLink } from "./member-link.js";
import {
  type Certified,
  GOSSIP_PROTOCOL,
  isServerMember,
  maySpeakAs,
  MEMBER_CLOSE_CODES,
} from "./member-names.js";
import { SWIM_FRAME_BYTES_MAX } from "./swim-codec.js";
import { Swim } from "./swim/swim.js";
import {
  type KnownMember,
  type MemberEvent,
  SWIM_DEFAULTS,
  type SwimConfig,
} from "./swim/types.js";

/** Sixteen to successors, sixteen from predecessors, and some for pings on behalf of others. */
const LINKS_MAX = 64;
/** What others may open; beyond that the one that was not used for longest is closed. */
const LINKS_IN_ALL_MAX = 256;
/** Who made a link closes it when it has had no use for that long, and the other end no neighbour. */
const IDLE_MS = 60_000;
/**
 * Who was called waits longer: it cannot know whose neighbour it is, and where all are busy, probes
 * are rare. To close a link that is wanted again costs much more than to keep it.
 */
const ACCEPTED_IDLE_MS = 600_000;
/**
 * Who is called dead and has said nothing for so long is believed to be. Who is only slow refutes
 * it, and would need all its links anew.
 */
const DEAD_MS = 30_000;
/**
 * Links that are made to ping somebody on another's behalf, or because a server asks: so many at
 * once, and then one in that time. Where many are slow, everybody asks everybody for help, and the
 * links that this takes would make them slower still.
 */
const STRANGERS_MAX = 4;
const STRANGER_MS = 10_000;
const SWEEP_MS = 5_000;
const LEAVE_MS = 200;

/** The files are those with which others are called. */
export interface GossipHostOptions extends MemberFiles {
  /** See member-names. */
  readonly name: string;
  /** Such as https://192.0.2.7:10250: where GOSSIP_PATH is served and handed to `accept`. */
  readonly address: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** What is not as in SWIM_DEFAULTS. */
  readonly config?: Partial<SwimConfig>;
  /** Told of what happens to others. */
  readonly onEvent?: (event: MemberEvent) => void;
}

/** One member of the gossip, on WebSockets under mutual TLS. */
export class GossipHost {
  private readonly options: GossipHostOptions;
  private readonly swim: Swim;
  private readonly credentials: MemberCredentials;
  private readonly links = new Set<MemberLink>();
  /** The link over which a member is talked to. */
  private readonly byName = new Map<string, MemberLink>();
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: SWIM_FRAME_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(GOSSIP_PROTOCOL) ? GOSSIP_PROTOCOL : false),
  });
  private cancelTick: () => void = () => {};
  private seed: string | null = null;
  private seedLink: MemberLink | null = null;
  private tickMs = Number.POSITIVE_INFINITY;
  /** From when on it has as many links to strangers to make as it ever has. */
  private strangersMs = Number.NEGATIVE_INFINITY;
  private cancelSweep: () => void;
  private isClosed = false;

  constructor(options: GossipHostOptions) {
    const { name, address, clock, random } = options;
    this.options = options;
    const config = { ...SWIM_DEFAULTS, ...options.config, self: { name, address } };
    // Above that of an earlier life, so that a new address is believed at once. Where the clock was
    // set back, what others remember is refuted.
    const incarnation = Math.max(0, Math.floor(clock.nowMs() / 1000));
    this.swim = new Swim(config, random, { incarnation, nowMs: clock.monotonicMs() });
    this.credentials = new MemberCredentials(options, options);
    this.cancelSweep = clock.schedule(SWEEP_MS, () => this.sweep());
    this.flush();
  }

  /** Resolves once it can call others; it takes calls before that. */
  start(): Promise<void> {
    return this.credentials.load();
  }

  /** Live members, this one included. */
  get liveCount(): number {
    return this.swim.liveCount;
  }

  get openLinks(): number {
    return this.links.size;
  }

  member(name: string): KnownMember | null {
    return this.swim.member(name);
  }

  members(): Iterable<KnownMember> {
    return this.swim.members();
  }

  /** When a member was last reached, by itself or through another; of the monotonic clock. */
  lastHeardMs(name: string): number | null {
    return this.swim.lastHeardMs(name);
  }

  /** Finds out now whether a member is there; see lastHeardMs. */
  probe(name: string): void {
    if (this.isClosed) return;
    this.swim.probe(name, this.nowMs());
    this.flush();
  }

  /**
   * Asks the server at this URL for all members; asks again as long as no server is among those
   * that live, as after a partition.
   */
  join(url: string): void {
    this.seed = url;
    this.askSeed();
  }

  /** Takes over a connection to GOSSIP_PATH. `certified`: what the client's certificate says. */
  accept(
    { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
    certified: Certified,
  ): void {
    if (this.isClosed) return void socket.destroy();
    const speaks = (name: string): boolean => maySpeakAs(certified, name);
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.open(webSocket, { speaks, isOurs: false, dialled: null, joins: false }),
    );
  }

  /** Says goodbye, and ends. */
  async leave(): Promise<void> {
    if (this.isClosed) return;
    this.swim.leave(this.nowMs());
    this.flush();
    await new Promise<void>((resolve) => {
      this.options.clock.schedule(LEAVE_MS, resolve);
    });
    this.close();
  }

  /** Ends without a word, as a crash would. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.cancelTick();
    this.cancelSweep();
    this.credentials.close();
    for (const link of this.links) link.close(MEMBER_CLOSE_CODES.normal, "member stops");
    this.webSockets.close();
  }

  private nowMs(): number {
    return this.options.clock.monotonicMs();
  }

  private flush(): void {
    const { messages, events } = this.swim.take();
    for (const { to, message } of messages) this.linkTo(to)?.send(message);
    for (const event of events) {
      // Over what is open nothing will come any more.
      if (event.type === "left") this.byName.get(event.name)?.drop("the member has left");
      this.options.onEvent?.(event);
    }
    this.plan();
  }

  private plan(): void {
    const { dueMs } = this.swim;
    if (this.isClosed || dueMs >= this.tickMs) return;
    this.cancelTick();
    this.tickMs = dueMs;
    const delayMs = Math.max(0, Math.ceil(dueMs - this.nowMs()));
    this.cancelTick = this.options.clock.schedule(delayMs, () => this.tick());
  }

  private tick(): void {
    this.tickMs = Number.POSITIVE_INFINITY;
    this.swim.tick(this.nowMs());
    this.flush();
  }

  private linkTo(name: string): MemberLink | null {
    const open = this.byName.get(name);
    if (open !== undefined) {
      open.usedMs = this.nowMs();
      return open;
    }
    const address = this.swim.member(name)?.address ?? "";
    if (address === "") return null;
    if (this.swim.neighbours().includes(name) || this.mayCallStranger())
      return this.dial(address, name);
    this.swim.unreachable(name, this.nowMs());
    return null;
  }

  private mayCallStranger(): boolean {
    const nowMs = this.nowMs();
    const fromMs = Math.max(this.strangersMs, nowMs);
    if (fromMs - nowMs > (STRANGERS_MAX - 1) * STRANGER_MS) return false;
    this.strangersMs = fromMs + STRANGER_MS;
    return true;
  }

  /** `name` is null when only the address is known: a server's. */
  private dial(address: string, name: string | null): MemberLink | null {
    if (this.isClosed) return null;
    const made = this.credentials.dial(address, name);
    if (made === null) return null;
    const { webSocket, maySpeakAs: speaks } = made;
    return this.open(webSocket, {
      speaks,
      isOurs: true,
      dialled: name,
      joins: name === null,
    });
  }

  private open(
    webSocket: WebSocket,
    how: {
      readonly speaks: (name: string) => boolean;
      readonly isOurs: boolean;
      readonly dialled: string | null;
      /** Whoever answers is asked for all it knows. */
      readonly joins: boolean;
    },
  ): MemberLink {
    const { speaks, isOurs, dialled, joins } = how;
    const link: MemberLink = new MemberLink(webSocket, {
      clock: this.options.clock,
      ends: { self: this.options.name, isOurs, maySpeakAs: speaks },
      events: {
        named: (name) => this.named(link, { name, joins }),
        message: (message) => {
          if (this.isClosed || link.name === null) return;
          link.usedMs = this.nowMs();
          link.heardMs = link.usedMs;
          this.swim.step(link.name, message, link.usedMs);
          this.flush();
        },
        closed: (why) => this.closed(link, { ...why, name: link.name ?? dialled }),
      },
    });
    this.links.add(link);
    if (dialled !== null) this.byName.set(dialled, link);
    if (this.links.size > LINKS_IN_ALL_MAX) this.closeOldest();
    return link;
  }

  private named(
    link: MemberLink,
    { name, joins }: { readonly name: string; readonly joins: boolean },
  ): void {
    if (this.isClosed) return;
    if (this.byName.get(name)?.isOpen !== true) this.byName.set(name, link);
    if (!joins) return;
    this.swim.join(name, this.nowMs());
    this.flush();
  }

  private closed(
    link: MemberLink,
    { name, ...why }: { code: number; reason: string; name: string | null },
  ): void {
    this.links.delete(link);
    if (name === null || this.byName.get(name) !== link) return;
    this.byName.delete(name);
    const other = [...this.links].find((one) => one.name === name && one.isOpen);
    if (other !== undefined) this.byName.set(name, other);
    if (this.isClosed || why.code === MEMBER_CLOSE_CODES.normal) return;
    this.options.logger.debug("the link to a member is lost", { member: name, ...why });
    this.swim.unreachable(name, this.nowMs());
    this.plan();
  }

  /** Closes what nobody needs and was not used for long, and what is more than is kept. */
  private sweep(): void {
    const { clock, random } = this.options;
    // Members that began together do not go on in step.
    const delayMs = SWEEP_MS / 2 + random.below(SWEEP_MS);
    this.cancelSweep = clock.schedule(delayMs, () => this.sweep());
    if (!this.knowsServer()) this.askSeed();
    const nowMs = this.nowMs();
    const neighbours = new Set(this.swim.neighbours());
    for (const link of this.links) {
      if (link.name !== null && neighbours.has(link.name)) continue;
      const state = link.name === null ? undefined : this.swim.member(link.name)?.state;
      const idleMs = link.isOurs ? IDLE_MS : ACCEPTED_IDLE_MS;
      if (state === "dead" && nowMs - link.heardMs > DEAD_MS) link.drop("the member is dead");
      else if (nowMs - link.usedMs > idleMs) link.close(MEMBER_CLOSE_CODES.normal, "idle");
    }
    while (this.links.size > LINKS_MAX && this.closeOldest()) {
      // One after the other.
    }
  }

  /** A link to the seed that is being made is waited for; over one that is there it is asked again. */
  private askSeed(): void {
    if (this.seed === null) return;
    const link = this.seedLink;
    if (link?.isOpen !== true) this.seedLink = this.dial(this.seed, null);
    else if (link.name !== null) this.swim.join(link.name, this.nowMs());
    this.flush();
  }

  private knowsServer(): boolean {
    for (const { name, state } of this.swim.members())
      if (isServerMember(name) && name !== this.options.name && state === "alive") return true;
    return false;
  }

  /** False: there is none but those to neighbours. */
  private closeOldest(): boolean {
    const kept = this.swim.neighbours();
    let oldest: MemberLink | null = null;
    for (const link of this.links) {
      if (link.name !== null && kept.includes(link.name)) continue;
      if (oldest === null || link.usedMs < oldest.usedMs) oldest = link;
    }
    oldest?.close(MEMBER_CLOSE_CODES.normal, "too many links");
    return oldest !== null;
  }
}
