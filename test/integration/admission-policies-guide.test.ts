import t from "tap";
import { TestServer } from "../../apiserver/test-server.js";
import { followWithKubectl } from "./kubectl-guide.js";

/** docs/guides/admission-policies.md, word by word. */

t.setTimeout(150_000);

const server = await TestServer.start();
t.teardown(() => server.close());

await t.test("admission-policies.md", async (t) => {
  const account = "/api/v1/namespaces/default/serviceaccounts/default";
  await server.send("GET", account);
  await followWithKubectl(t, "admission-policies.md", { server });
});
