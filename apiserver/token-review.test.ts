import t from "tap";
import type { JsonObject } from "../api/schema/wire-types.js";
import { TestServer } from "./test-server.js";

const server = await TestServer.start();
t.teardown(() => server.close());
const [ID, SECRET] = ["abcdef", "0123456789abcdef"];
const ISSUER = "https://kubernetes.default.svc.cluster.local";

async function putSecret(stringData: JsonObject): Promise<void> {
  const path = "/api/v1/namespaces/kube-system/secrets";
  const name = `bootstrap-token-${ID}`;
  await server.send("DELETE", `${path}/${name}`);
  const body = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name },
    type: "bootstrap.kubernetes.io/token",
    stringData: { "token-id": ID, "token-secret": SECRET, ...stringData },
  };
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(answer.bytes.toString());
  // A list is of the newest state: from then on the cache has it.
  await server.send("GET", path);
}

async function review(token: string, audiences: readonly string[] = []): Promise<unknown> {
  const body = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    spec: { token, audiences },
  };
  const path = "/apis/authentication.k8s.io/v1/tokenreviews";
  return (await server.send("POST", path, { body })).body["status"];
}

await t.test("a join token is somebody, as long as its Secret says so", async (t) => {
  const refused = { user: {}, error: "[invalid bearer token]" };
  t.match(await review(`${ID}.${SECRET}`), refused, "there is none");
  const groups = { "auth-extra-groups": "system:bootstrappers:mine" };
  await putSecret({ "usage-bootstrap-authentication": "true", ...groups });
  const user = {
    username: `system:bootstrap:${ID}`,
    groups: ["system:bootstrappers", "system:bootstrappers:mine", "system:authenticated"],
  };
  const good = { authenticated: true, user, audiences: [ISSUER] };
  t.match(await review(`${ID}.${SECRET}`), good);
  t.match(await review(`${ID}.${SECRET}`, ["vault", ISSUER]), good);
  t.match(await review(`${ID}.${SECRET}`, ["vault"]), refused, "it is for the API alone");
  t.match(await review(`${ID}.aaaaaaaaaaaaaaaa`), refused);
  await putSecret({ "usage-bootstrap-signing": "true" });
  t.match(await review(`${ID}.${SECRET}`), refused, "it does not authenticate");
  await putSecret({
    "usage-bootstrap-authentication": "true",
    expiration: "2020-01-01T00:00:00Z",
  });
  t.match(await review(`${ID}.${SECRET}`), refused, "it has expired");
});
