import t from "tap";
import { ApiError } from "../api/client/api-error.js";
import type { ApiClient } from "../api/client/client-types.js";
import { systemClock, systemRandom } from "../api/client/system-clock.js";
import type { PodStatus } from "../api/schema/types/core-v1.gen.js";
import { silentLogger } from "../base/logger.js";
import { aPod } from "./plan/plan-fixtures.js";
import { StatusManager } from "./status-manager.js";
import { TestApi } from "./test-pods.js";

function setUp(
  api: TestApi,
  client: ApiClient = api.client,
  { signal }: AbortController = new AbortController(),
): StatusManager {
  const deps = { clock: systemClock, random: systemRandom, logger: silentLogger, signal };
  return new StatusManager(client, deps);
}

void t.test("the last status arrives, in few writes", async (t) => {
  const api = new TestApi();
  const pod = api.put(aPod());
  let writes = 0;
  api.onWrite = () => {
    writes += 1;
  };
  const statuses = setUp(api);
  for (const phase of ["Pending", "Running", "Failed"])
    statuses.publish(pod, { phase }, { urgent: false });
  await statuses.flush("u");
  t.equal(api.pods.get("p")?.status?.phase, "Failed");
  t.equal(writes, 1);
  statuses.publish(pod, { phase: "Failed" }, { urgent: true });
  await statuses.flush("u");
  t.equal(writes, 1, "what the server has is not written again");
});

void t.test("a failing server is asked again; a pod that is gone is not", async (t) => {
  const api = new TestApi();
  const pod = api.put(aPod());
  let failures = 2;
  const { resource } = api.client as unknown as {
    resource: () => { patch: (...args: readonly unknown[]) => Promise<unknown> };
  };
  const patch = (...args: readonly unknown[]): Promise<unknown> => {
    failures -= 1;
    if (failures >= 0) return Promise.reject(new ApiError("ServiceUnavailable", "away"));
    return resource().patch(...args);
  };
  const client = { resource: () => ({ ...resource(), patch }) } as unknown as ApiClient;
  const statuses = setUp(api, client);
  statuses.publish(pod, { phase: "Running" }, { urgent: true });
  await statuses.flush("u");
  t.equal(api.pods.get("p")?.status?.phase, "Running");
  api.pods.delete("p");
  statuses.publish(pod, { phase: "Failed" }, { urgent: true });
  await statuses.flush("u");
  t.equal(api.pods.size, 0);
});

void t.test("what somebody else changes of it is put right", async (t) => {
  const api = new TestApi();
  const pod = api.put(aPod());
  const statuses = setUp(api);
  const status: PodStatus = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  statuses.publish(pod, status, { urgent: true });
  await statuses.flush("u");
  const written = api.pods.get("p") ?? pod;
  const conditions = [
    { type: "Ready", status: "False" },
    { type: "theirs", status: "True" },
  ];
  statuses.observe(api.put({ ...written, status: { ...written.status, conditions } }));
  await statuses.flush("u");
  t.same(
    api.pods
      .get("p")
      ?.status?.conditions?.map(({ type, status: it }) => `${type}=${it}`)
      .sort(),
    ["Ready=True", "theirs=True"],
  );
  statuses.observe(pod);
  await statuses.flush("u");
  t.match(api.pods.get("p")?.status, { phase: "Running" }, "an older state is no news");
});

void t.test("an agent that stops with a status undelivered lets go of it", async (t) => {
  const api = new TestApi();
  const stop = new AbortController();
  const refuse = (): Promise<never> => {
    stop.abort();
    return Promise.reject(new ApiError("ServiceUnavailable", "away"));
  };
  const client = { resource: () => ({ patch: refuse }) } as unknown as ApiClient;
  const statuses = setUp(api, client, stop);
  statuses.publish(api.put(aPod()), { phase: "Running" }, { urgent: true });
  await statuses.flush("u");
  t.pass("nothing is tried for ever");
});
