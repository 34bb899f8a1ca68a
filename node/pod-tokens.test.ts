import t from "tap";
import { ApiError } from "../api/client/api-error.js";
import type { ApiClient } from "../api/client/client-types.js";
import { formatTime } from "../api/machinery/time.js";
import type { TokenRequest } from "../api/schema/types/authentication-v1.gen.js";
import { type Clock, ManualClock } from "../base/clock.js";
import { silentLogger } from "../base/logger.js";
import { aPod } from "./plan/plan-fixtures.js";
import { PodTokens, type PodTokensDeps } from "./pod-tokens.js";

const MINUTE_MS = 60_000;

/** An API that makes tokens `t1`, `t2` … of the life that is asked for, while it is up. */
class TokenApi {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly asked: { readonly path: string; readonly spec: TokenRequest["spec"] }[] = [];
  readonly changed: string[] = [];
  up = true;
  readonly client = {
    request: (_method: string, path: string, { body }: { body: TokenRequest }) => {
      if (!this.up) return Promise.reject(new ApiError("ServiceUnavailable", "no connection"));
      this.asked.push({ path, spec: body.spec });
      const livesMs = (body.spec?.expirationSeconds ?? 0) * 1_000;
      const expirationTimestamp = formatTime(this.clock.nowMs() + livesMs);
      return Promise.resolve({ status: { token: `t${this.asked.length}`, expirationTimestamp } });
    },
  } as unknown as ApiClient;
  readonly tokens: PodTokens;

  /** `earlyMs`: by how much timers fall due too early. */
  constructor(earlyMs = 0) {
    const clock: Clock = {
      nowMs: () => this.clock.nowMs(),
      monotonicMs: () => this.clock.monotonicMs(),
      schedule: (delayMs, run) => this.clock.schedule(delayMs - earlyMs, run),
    };
    this.tokens = new PodTokens(this.client, this.depsWith(clock));
  }

  private depsWith(clock: Clock): PodTokensDeps {
    return {
      clock,
      random: { below: () => 0 },
      logger: silentLogger,
      onChange: (uid) => this.changed.push(uid),
    };
  }
}

const POD = aPod({ serviceAccountName: "bot" });
const HOUR = { audience: "", seconds: 3_600 };

void t.test(
  "a token is asked for once, bound to the pod, and renewed at 80 % of its life",
  async (t) => {
    const api = new TokenApi();
    t.equal(await api.tokens.token(POD, HOUR), "t1");
    t.equal(await api.tokens.token(POD, HOUR), "t1", "it is kept");
    const { name, namespace = "", uid } = POD.metadata;
    t.same(api.asked, [
      {
        path: `/api/v1/namespaces/${namespace}/serviceaccounts/bot/token`,
        spec: {
          audiences: [],
          expirationSeconds: 3_600,
          boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
        },
      },
    ]);
    api.clock.advance(47 * MINUTE_MS);
    t.same(api.changed, []);
    api.clock.advance(MINUTE_MS);
    t.same(api.changed, [uid], "the pod is told");
    t.equal(await api.tokens.token(POD, HOUR), "t2");
  },
);

void t.test("a token that lives long is renewed after a day", async (t) => {
  const api = new TokenApi();
  await api.tokens.token(POD, { audience: "vault", seconds: 7 * 86_400 });
  api.clock.advance(24 * 60 * MINUTE_MS - 1);
  t.same(api.changed, []);
  api.clock.advance(1);
  t.same(api.changed, [POD.metadata.uid]);
});

void t.test("a timer that is early by a little is no reason to keep the old token", async (t) => {
  // Timers count from the start of a turn of the event loop, not from now.
  const api = new TokenApi(3);
  t.equal(await api.tokens.token(POD, HOUR), "t1");
  api.clock.advance(48 * MINUTE_MS - 3);
  t.same(api.changed, [POD.metadata.uid]);
  t.equal(await api.tokens.token(POD, HOUR), "t2");
});

void t.test("while the API is away, the old token does until it ends", async (t) => {
  const api = new TokenApi();
  await api.tokens.token(POD, HOUR);
  api.up = false;
  api.clock.advance(50 * MINUTE_MS);
  t.equal(await api.tokens.token(POD, HOUR), "t1");
  api.changed.length = 0;
  api.clock.advance(30_000);
  t.same(api.changed, [POD.metadata.uid], "tried again soon");
  api.clock.advance(10 * MINUTE_MS);
  await t.rejects(api.tokens.token(POD, HOUR), { message: "no connection" });
  api.up = true;
  t.equal(await api.tokens.token(POD, HOUR), "t2");
});

void t.test("a pod that is gone is not told any more", async (t) => {
  const api = new TokenApi();
  await api.tokens.token(POD, HOUR);
  await api.tokens.token(POD, { audience: "vault", seconds: 600 });
  api.tokens.release(POD.metadata.uid);
  api.clock.advance(120 * MINUTE_MS);
  t.same(api.changed, []);
});
