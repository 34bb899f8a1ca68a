import t from "tap";
import type { TokenReview } from "../../api/schema/types/authentication-v1.gen.js";
import { TestCluster } from "./test-cluster.js";
import { until } from "./until.js";

/**
 * The token in a running pod is replaced in time: ten minutes are the shortest life that can be
 * asked for, eight of them the moment of renewal (80 %).
 */

const MINUTE_MS = 60_000;
const LIFE_S = 600;
t.setTimeout(20 * MINUTE_MS);

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: holder}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: localhost/raftsman/busybox:1
    command: ["sleep", "3600"]
    volumeMounts: [{name: token, mountPath: /var/run/short}]
  volumes:
  - name: token
    projected: {sources: [{serviceAccountToken: {path: token, expirationSeconds: ${LIFE_S}}}]}
`;

interface Claims {
  readonly iat: number;
  readonly exp: number;
}

function claimsOf(token: string): Claims {
  const [, body = ""] = token.split(".");
  return JSON.parse(Buffer.from(body, "base64url").toString()) as Claims;
}

const cluster = new TestCluster("token");
t.teardown(() => cluster.destroy());

await t.test("a pod's token is replaced while the pod runs", async (t) => {
  await cluster.ok(["up"]);
  const kubectl = cluster.kubectl();
  const review = async (token: string): Promise<TokenReview> => {
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const args = ["create", "-o", "json", "-f", "-"];
    return JSON.parse(await kubectl.ok(args, { stdin: JSON.stringify(body) })) as TokenReview;
  };
  await kubectl.ok(["apply", "-f", "-"], { stdin: POD });
  await kubectl.ok(["wait", "--for=condition=Ready", "pod/holder", "--timeout=60s"]);
  const held = (): Promise<string> =>
    kubectl.ok(["exec", "holder", "--", "cat", "/var/run/short/token"]);
  const first = await held();
  const before = claimsOf(first);
  t.equal(before.exp - before.iat, LIFE_S);
  const second = await until(
    "another token",
    async () => {
      const token = await held();
      return token === first ? null : token;
    },
    { timeoutMs: LIFE_S * 1000, everyMs: 5_000 },
  );
  const after = claimsOf(second);
  const age = after.iat - before.iat;
  t.ok(age >= 0.75 * LIFE_S && age < LIFE_S, `renewed after ${age} s`);
  for (const token of [first, second])
    t.match((await review(token)).status, {
      authenticated: true,
      user: { username: "system:serviceaccount:default:default" },
    });
  await until(
    "the first token to be refused",
    async () => (await review(first)).status?.authenticated !== true,
    { timeoutMs: LIFE_S * 1000, everyMs: 2_000 },
  );
  t.equal((await review(second)).status?.authenticated, true, "the second one still does");
});
