import { gunzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());

const ALL = "/api/v1/configmaps";
const OWN = "/api/v1/namespaces/default/configmaps";

/** The body as plain text, however it came; throws unless it came compressed when it should. */
async function list(path: string, gzip: boolean): Promise<string> {
  const headers = gzip ? { "accept-encoding": "gzip" } : {};
  const { bytes, headers: got } = await server.send("GET", path, { headers });
  const came = got["content-encoding"] === "gzip";
  if (came !== gzip) throw new Error(`content-encoding ${String(got["content-encoding"])}`);
  return (came ? gunzipSync(bytes) : bytes).toString();
}

async function same(t: Test, path: string, what: string): Promise<void> {
  t.equal(await list(path, true), await list(path, false), `${what}: ${path}`);
}

void t.test("a long list is the same with and without gzip", async (t) => {
  for (let n = 0; n < 100; n += 1) {
    const body = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `c-${n}`, labels: { half: String(n % 2) } },
      data: { text: `${n} `.repeat(2_000) },
    };
    t.equal((await server.send("POST", OWN, { body })).status, 201);
  }
  for (const path of [ALL, OWN, `${OWN}?labelSelector=half=1`, `${OWN}?limit=70`])
    await same(t, path, "fresh");
  await server.send("PATCH", `${OWN}/c-50`, {
    body: { data: { text: "short" } },
    headers: { "content-type": "application/merge-patch+json" },
  });
  await server.send("DELETE", `${OWN}/c-1`);
  for (const path of [ALL, OWN, `${OWN}?labelSelector=half=1`, `${OWN}?limit=70`])
    await same(t, path, "after changes");
  t.match(await list(OWN, true), /"text":"short"/u);
});
