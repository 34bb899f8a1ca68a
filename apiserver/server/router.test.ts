import { getEventListeners } from "node:events";
import { Registry } from "prom-client";
import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { silentLogger } from "../../base/logger.js";
import type { Authorizer } from "../auth/authorizer.js";
import { FlowControl } from "./flow-control.js";
import type { ApiRequest, ApiResponse, ResponseSink } from "./http-types.js";
import { RequestMetrics } from "./request-metrics.js";
import { textResponse } from "./responses.js";
import { Router } from "./router.js";

const EVERYBODY: Authorizer = {
  authorize: () => ({ allowed: true, reason: "" }),
} as unknown as Authorizer;
const ADMIN = { name: "admin", uid: "", groups: ["system:masters"], extra: {} };

function requestFor(method: string, url: string): ApiRequest {
  const { pathname, searchParams } = new URL(url, "https://server");
  return {
    method,
    path: pathname,
    query: searchParams,
    headers: {},
    identity: ADMIN,
    requestId: "id",
    signal: new AbortController().signal,
    receivedMs: 0,
    readBody: async () => Buffer.alloc(0),
  };
}

function routerOf(
  handle: (request: ApiRequest) => Promise<ApiResponse>,
  limits = { readsMax: 2, writesMax: 1, streamsMax: 1 },
): { readonly router: Router; readonly clock: ManualClock } {
  const clock = new ManualClock();
  const router = new Router({
    authorizer: EVERYBODY,
    flow: new FlowControl(limits),
    resources: { handle, admitUpgrade: async () => {} },
    raw: [],
    upgrades: [],
    metrics: new RequestMetrics(new Registry()),
    clock,
    logger: silentLogger,
  });
  return { router, clock };
}

const PODS = "/api/v1/namespaces/default/pods";
const SINK: ResponseSink = {
  write: () => {},
  bufferedBytes: 0,
  drained: async () => {},
  signal: new AbortController().signal,
};

void t.test("each class of requests has seats; who finds none is told to come again", async (t) => {
  const answers: (() => void)[] = [];
  const { router } = routerOf(
    () => new Promise((resolve) => answers.push(() => resolve(textResponse(200, "ok")))),
  );
  const reads = [router.serve(requestFor("GET", PODS)), router.serve(requestFor("GET", PODS))];
  const refused = await router.serve(requestFor("GET", PODS));
  t.match(refused, { status: 429, headers: { "retry-after": "1" } });
  const write = router.serve(requestFor("POST", PODS));
  t.equal((await router.serve(requestFor("DELETE", `${PODS}/x`))).status, 429);
  for (const answer of answers) answer();
  t.same(
    (await Promise.all([...reads, write])).map(({ status }) => status),
    [200, 200, 200],
  );
  const again = router.serve(requestFor("GET", PODS));
  answers.at(-1)?.();
  t.equal((await again).status, 200, "a seat was given back");
});

void t.test("a stream keeps its seat until its last byte", async (t) => {
  const { router } = routerOf(async () => ({
    status: 200,
    headers: {},
    body: { type: "stream", run: async () => {} },
  }));
  const watch = await router.serve(requestFor("GET", `${PODS}?watch=1`));
  t.equal((await router.serve(requestFor("GET", `${PODS}?watch=1`))).status, 429);
  if (watch.body.type === "stream") await watch.body.run(SINK);
  t.equal((await router.serve(requestFor("GET", `${PODS}?watch=1`))).status, 200);
});

void t.test("a request that takes too long is answered, and what it does is stopped", async (t) => {
  for (const [url, deadlineMs] of [
    [PODS, 60_000],
    [`${PODS}?timeout=5s`, 5_000],
    [`${PODS}?timeout=500ms`, 500],
    [`${PODS}?timeout=3m`, 60_000],
    [`${PODS}?timeout=rubbish`, 60_000],
  ] as const) {
    let stopped = false;
    const { router, clock } = routerOf(({ signal }) => {
      signal.addEventListener("abort", () => {
        stopped = true;
      });
      return new Promise(() => {});
    });
    const answer = router.serve(requestFor("GET", url));
    clock.advance(deadlineMs - 1);
    t.equal(stopped, false, url);
    clock.advance(1);
    t.match(await answer, { status: 504 }, url);
    t.equal(stopped, true);
  }
});

void t.test(
  "what is done for a request ends with it, also while its answer is streamed",
  async (t) => {
    const seen: AbortSignal[] = [];
    const serve = async (answer: ApiResponse): Promise<AbortController> => {
      const { router } = routerOf(async (request) => {
        seen.push(request.signal);
        return answer;
      });
      const client = new AbortController();
      await router.serve({ ...requestFor("GET", PODS), signal: client.signal });
      return client;
    };
    const body = { type: "stream", run: async () => {} } as const;
    const streamed = await serve({ status: 200, headers: {}, body });
    streamed.abort(new Error("gone"));
    t.match(seen.at(-1), { aborted: true, reason: { message: "gone" } });
    const sent = await serve(textResponse(200, "ok"));
    // Callers within the server share a signal as long-lived as it is.
    t.equal(getEventListeners(sent.signal, "abort").length, 0, "nothing is left on the signal");
  },
);

void t.test("methods", async (t) => {
  const { router } = routerOf(async () => textResponse(200, "ok"));
  t.equal((await router.serve(requestFor("OPTIONS", PODS))).status, 405);
  t.equal((await router.serve(requestFor("TRACE", PODS))).status, 405);
  t.equal((await router.serve(requestFor("OPTIONS", `${PODS}/x/proxy/y`))).status, 200);
});
