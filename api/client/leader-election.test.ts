import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import { SeededRandom } from "../../base/random.js";
import type { JsonValue } from "../schema/wire-types.js";
import { ApiError } from "./api-error.js";
import type { ApiClient, Fence } from "./client-types.js";
import { LeaderElector } from "./leader-election.js";

/** The server's side of the `hold` subresource, with a clock of its own. */
class LeaseServer {
  reachable = true;
  readonly calls: string[] = [];
  private holder: string | null = null;
  private expiresAtMs = 0;
  private transitions = 0;
  private readonly clock: ManualClock;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  /** Somebody else takes it as soon as it is free. */
  holdAs(identity: string): boolean {
    if (this.holder !== null && this.holder !== identity && this.clock.nowMs() < this.expiresAtMs)
      return false;
    if (this.holder !== identity || this.clock.nowMs() >= this.expiresAtMs) this.transitions += 1;
    this.holder = identity;
    this.expiresAtMs = this.clock.nowMs() + 6000;
    return true;
  }

  forget(): void {
    this.holder = null;
  }

  client(): ApiClient {
    const request = (
      method: string,
      path: string,
      options: { body: JsonValue },
    ): Promise<JsonValue> => {
      this.calls.push(`${method} ${path.slice(path.indexOf("/leases/"))}`);
      if (!this.reachable) return Promise.reject(new ApiError("ServiceUnavailable", "no answer"));
      const { holderIdentity } = options.body as { holderIdentity: string };
      if (method === "DELETE") {
        this.holder = null;
        return Promise.resolve(null);
      }
      if (!this.holdAs(holderIdentity))
        return Promise.reject(new ApiError("Conflict", "held", { statusCode: 409 }));
      const metadata = { name: "loops", uid: "lease-uid" };
      return Promise.resolve({ metadata, spec: { leaseTransitions: this.transitions } });
    };
    return { request } as unknown as ApiClient;
  }
}

interface Candidate {
  readonly clock: ManualClock;
  readonly server: LeaseServer;
  readonly elector: LeaderElector;
  readonly told: string[];
  /** Lets time pass in small steps, so that what waits can go on. */
  readonly pass: (durationMs: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

function start(before: (server: LeaseServer) => void = () => {}): Candidate {
  const clock = new ManualClock(1_000_000);
  const server = new LeaseServer(clock);
  before(server);
  const deps = {
    client: server.client(),
    clock,
    random: new SeededRandom(1),
    logger: silentLogger,
  };
  const config = { namespace: "kube-system", name: "loops", identity: "me" };
  const elector = new LeaderElector(config, deps);
  const told: string[] = [];
  const stopping = new AbortController();
  const work = (signal: AbortSignal, fence: () => Fence | null): Promise<void> => {
    told.push(`leads as ${fence()?.leaseTransitions}`);
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        told.push("stops");
        resolve();
      });
    });
  };
  const running = elector.run(work, stopping.signal);
  const pass = async (durationMs: number): Promise<void> => {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(100);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { clock, server, elector, told, pass, stop };
}

void t.test("who gets the Lease leads, renews, and gives it back", async (t) => {
  const { server, elector, told, pass, stop } = start();
  await pass(10_000);
  t.strictSame(told, ["leads as 1"]);
  t.strictSame(elector.currentFence(), {
    namespace: "kube-system",
    name: "loops",
    uid: "lease-uid",
    leaseTransitions: 1,
  });
  t.ok(server.calls.length >= 5, "renewed every two seconds");
  await stop();
  t.strictSame(told, ["leads as 1", "stops"]);
  t.equal(server.calls.at(-1), "DELETE /leases/loops/hold");
  t.equal(elector.currentFence(), null);
  t.ok(server.holdAs("other"), "free at once");
});

void t.test("waits while another holds it, and takes over when that one is silent", async (t) => {
  const { server, told, pass, stop } = start((before) => before.holdAs("other"));
  await pass(4000);
  t.strictSame(told, []);
  await pass(4000);
  t.strictSame(told, ["leads as 2"]);
  t.notOk(server.holdAs("other"));
  await stop();
});

void t.test("stops before the Lease can run out when it cannot renew", async (t) => {
  const { server, elector, told, pass, stop } = start();
  await pass(1000);
  server.reachable = false;
  await pass(3000);
  t.not(elector.currentFence(), null, "a short silence is borne");
  await pass(1000);
  t.equal(elector.currentFence(), null);
  t.strictSame(told, ["leads as 1", "stops"]);
  t.notOk(server.holdAs("other"), "by the server's clock it is still ours: nobody overlaps");
  server.reachable = true;
  await pass(3000);
  t.equal(told.at(-1)?.startsWith("leads"), true, "and it leads again");
  await stop();
});

void t.test("one that was paused wakes without a fence", async (t) => {
  const { clock, elector, pass, stop } = start();
  await pass(1000);
  // Nothing of the process runs meanwhile: no renewal, no timer.
  clock.advance(20_000);
  t.equal(elector.currentFence(), null, "it asks its own clock before it believes that it leads");
  await stop();
});

void t.test("a Lease that somebody else holds by now ends the work at once", async (t) => {
  const { server, told, pass, stop } = start();
  await pass(1000);
  // The server forgot us, as after a restore.
  server.forget();
  server.holdAs("other");
  await pass(2100);
  t.strictSame(told, ["leads as 1", "stops"]);
  await stop();
});
