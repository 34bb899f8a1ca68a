import t from "tap";
import { type TestAnswer, type TestCaller, TestServer } from "./test-server.js";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const NODE_PODS = "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1";

async function started(test: {
  teardown: (run: () => Promise<void>) => void;
}): Promise<TestServer> {
  const server = await TestServer.start();
  test.teardown(() => server.close());
  return server;
}

async function create(server: TestServer, path: string, body: object): Promise<TestAnswer> {
  const answer = await server.send("POST", path, { body });
  if (answer.status !== 201) throw new Error(`${path}: ${answer.bytes.toString()}`);
  return answer;
}

const account = (name: string): object => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name },
});
const pod = (name: string, spec: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "c", image: "busybox" }], ...spec },
});
const roleRef = (kind: string, name: string): object => ({
  apiGroup: "rbac.authorization.k8s.io",
  kind,
  name,
});
const clusterBinding = (name: string, role: string, subject: object): object => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name },
  roleRef: roleRef("ClusterRole", role),
  subjects: [subject],
});

const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const PODS = "/api/v1/namespaces/default/pods";

async function tokenOf(server: TestServer, name: string, spec: object = {}): Promise<string> {
  const { body } = await create(server, `${ACCOUNTS}/${name}/token`, { spec });
  return (body["status"] as { token: string }).token;
}

/** A request with a bearer token and no certificate. */
function withToken(server: TestServer, token: string, path: string): Promise<TestAnswer> {
  const headers = { authorization: `Bearer ${token}` };
  return server.send("GET", path, { as: "anonymous", headers });
}

function messageOf({ body }: TestAnswer): unknown {
  return body["message"];
}

void t.test("a token is its account until the account is gone", async (t) => {
  const server = await started(t);
  await create(server, ACCOUNTS, account("bot"));
  const token = await tokenOf(server, "bot");
  t.match(messageOf(await withToken(server, token, PODS)), /^pods is forbidden: User "system:serv/);
  await create(server, `${RBAC}/namespaces/default/rolebindings`, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "bot" },
    roleRef: roleRef("ClusterRole", "view"),
    subjects: [{ kind: "ServiceAccount", name: "bot", namespace: "default" }],
  });
  t.equal((await withToken(server, token, PODS)).status, 200);
  t.equal((await withToken(server, token, "/api/v1/namespaces/default/secrets")).status, 403);
  t.equal((await withToken(server, token, "/api/v1/pods")).status, 403, "only in its namespace");
  const broken = `${token.slice(0, -8)}AAAAAAAA`;
  t.equal((await withToken(server, broken, PODS)).status, 401);
  t.equal((await withToken(server, "abc", PODS)).status, 401);
  const other = await tokenOf(server, "bot", { audiences: ["vault"] });
  t.equal((await withToken(server, other, PODS)).status, 401, "meant for somebody else");
  await server.send("DELETE", `${ACCOUNTS}/bot`);
  t.equal((await withToken(server, token, PODS)).status, 401);
  await create(server, ACCOUNTS, account("bot"));
  t.equal((await withToken(server, token, PODS)).status, 401, "another account of that name");
});

void t.test("what a token is asked for", async (t) => {
  const server = await started(t);
  await create(server, ACCOUNTS, account("bot"));
  const path = `${ACCOUNTS}/bot/token`;
  const ask = (spec: object): Promise<TestAnswer> => server.send("POST", path, { body: { spec } });
  t.match(await ask({ expirationSeconds: 599 }), {
    status: 422,
    body: {
      message:
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: ' +
        "599: may not specify a duration less than 10 minutes",
    },
  });
  const bound = { apiVersion: "v1", kind: "Pod", name: "p" };
  t.equal((await ask({ boundObjectRef: bound })).status, 404);
  const { body: made } = await create(server, PODS, pod("p", { serviceAccountName: "bot" }));
  const { uid } = made["metadata"] as { uid: string };
  t.equal((await ask({ boundObjectRef: { ...bound, uid: "other" } })).status, 409);
  t.equal((await ask({ boundObjectRef: { ...bound, kind: "Job" } })).status, 400);
  t.equal((await server.send("POST", `${ACCOUNTS}/none/token`, { body: {} })).status, 404);
  await create(server, PODS, pod("q"));
  t.match(messageOf(await ask({ boundObjectRef: { ...bound, name: "q" } })), /different service/);
  const token = await tokenOf(server, "bot", { boundObjectRef: { ...bound, uid } });
  const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
  const reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
  t.match((await create(server, reviews, review)).body["status"], {
    authenticated: true,
    user: {
      username: "system:serviceaccount:default:bot",
      groups: ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"],
      extra: { "authentication.kubernetes.io/pod-name": ["p"] },
    },
    audiences: ["https://kubernetes.default.svc.cluster.local"],
  });
  await server.send("DELETE", `${PODS}/p?gracePeriodSeconds=0`);
  t.match((await create(server, reviews, review)).body["status"], {
    user: {},
    error: "[invalid bearer token]",
  });
  t.equal((await withToken(server, token, PODS)).status, 401, "it ended with its pod");
});

void t.test("a pod gets its account and a token", async (t) => {
  const server = await started(t);
  const { body } = await create(server, PODS, pod("p"));
  t.match(body["spec"], {
    serviceAccountName: "default",
    volumes: [
      {
        name: /^kube-api-access-[a-z0-9]{5}$/,
        projected: {
          defaultMode: 420,
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
            { configMap: { name: "kube-root-ca.crt" } },
            { downwardAPI: { items: [{ path: "namespace" }] } },
          ],
        },
      },
    ],
    containers: [
      {
        volumeMounts: [
          { mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
        ],
      },
    ],
  });
  const without = pod("q", { automountServiceAccountToken: false });
  const plain = (await create(server, PODS, without)).body["spec"] as Record<string, unknown>;
  t.equal(plain["volumes"], undefined);
  await create(server, ACCOUNTS, {
    ...account("quiet"),
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: "pull" }],
  });
  const quiet = (await create(server, PODS, pod("r", { serviceAccountName: "quiet" }))).body[
    "spec"
  ];
  t.match(quiet, { imagePullSecrets: [{ name: "pull" }] });
  t.equal((quiet as Record<string, unknown>)["volumes"], undefined);
  const unknown = await server.send("POST", PODS, { body: pod("s", { serviceAccountName: "x" }) });
  t.equal(
    messageOf(unknown),
    'pods "s" is forbidden: error looking up service account default/x: ' +
      'serviceaccount "x" not found',
  );
});

void t.test("nobody gives away rights that they lack", async (t) => {
  const server = await started(t);
  const nobody = { kind: "User", name: "nobody" };
  await create(server, `${RBAC}/clusterroles`, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "granter" },
    rules: [
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["roles", "rolebindings", "clusterroles"],
        verbs: ["create", "update", "get"],
      },
      { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
      {
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterroles"],
        resourceNames: ["edit"],
        verbs: ["bind"],
      },
    ],
  });
  await create(server, `${RBAC}/clusterrolebindings`, clusterBinding("g", "granter", nobody));
  const as: TestCaller = "nobody";
  const roles = `${RBAC}/namespaces/default/roles`;
  const role = (name: string, ...verbs: string[]): object => ({
    metadata: { name },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs }],
  });
  t.equal((await server.send("POST", roles, { as, body: role("own", "get") })).status, 201);
  const more = await server.send("POST", roles, {
    as,
    body: role("more", "get", "delete", "list"),
  });
  t.equal(more.status, 403);
  t.equal(
    messageOf(more),
    'roles.rbac.authorization.k8s.io "more" is forbidden: user "nobody" (groups=["' +
      'system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n' +
      '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "list"]}',
  );
  const bindings = `${RBAC}/namespaces/default/rolebindings`;
  const bind = (name: string, kind: string): Promise<TestAnswer> => {
    const body = { metadata: { name }, roleRef: roleRef(kind, name), subjects: [nobody] };
    return server.send("POST", bindings, { as, body });
  };
  t.equal((await bind("own", "Role")).status, 201);
  t.equal((await bind("edit", "ClusterRole")).status, 201, "it may bind that one");
  t.equal((await bind("admin", "ClusterRole")).status, 403);
  t.equal((await bind("absent", "ClusterRole")).status, 404);
  const sum = {
    metadata: { name: "sum" },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
  };
  const aggregate = await server.send("POST", `${RBAC}/clusterroles`, { as, body: sum });
  t.match(messageOf(aggregate), /must have cluster-admin privileges to use the aggregationRule/);
});

void t.test("acting as somebody else takes the right to", async (t) => {
  const server = await started(t);
  const whoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const ask = (as: TestCaller, headers: Record<string, string>): Promise<TestAnswer> =>
    server.send("POST", whoAmI, { as, headers, body: {} });
  const headers = {
    "impersonate-user": "ann",
    "impersonate-group": "dev",
    "impersonate-uid": "7",
    "impersonate-extra-scopes%2fa": "x",
  };
  t.match((await ask("admin", headers)).body["status"], {
    userInfo: {
      username: "ann",
      uid: "7",
      groups: ["dev", "system:authenticated"],
      extra: { "scopes/a": ["x"] },
    },
  });
  t.equal(
    messageOf(await ask("nobody", headers)),
    'users "ann" is forbidden: User "nobody" cannot impersonate resource "users" in API group "" ' +
      "at the cluster scope",
  );
  t.equal((await ask("admin", { "impersonate-group": "dev" })).status, 400, "a group of nobody");
  const bot = { "impersonate-user": "system:serviceaccount:default:bot" };
  t.match((await ask("admin", bot)).body["status"], {
    userInfo: { groups: ["system:serviceaccounts", "system:serviceaccounts:default"] },
  });
  const masters = { "impersonate-user": "ann", "impersonate-group": "system:masters" };
  t.equal((await ask("scheduler", masters)).status, 403);
});

void t.test("who may update may not therefore create", async (t) => {
  const server = await started(t);
  const leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
  await create(server, `${RBAC}/clusterroles`, {
    metadata: { name: "renew" },
    rules: [{ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["update"] }],
  });
  const nobody = { kind: "User", name: "nobody" };
  await create(server, `${RBAC}/clusterrolebindings`, clusterBinding("r", "renew", nobody));
  const body = { metadata: { name: "x" }, spec: { holderIdentity: "me" } };
  const refused = await server.send("PUT", `${leases}/x`, { as: "nobody", body });
  t.match(messageOf(refused), /^leases\.coord.* "x" is forbidden: User "nobody" cannot create res/);
  t.equal((await server.send("PUT", `${leases}/x`, { body })).status, 201);
});

void t.test("questions about others", async (t) => {
  const server = await started(t);
  const dev = { kind: "Group", name: "dev" };
  await create(server, `${RBAC}/clusterrolebindings`, clusterBinding("v", "view", dev));
  const review = async (path: string, spec: object): Promise<unknown> =>
    (await server.send("POST", path, { body: { spec } })).body["status"];
  const all = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const pods = { verb: "list", resource: "pods", namespace: "default" };
  t.same(await review(all, { user: "ann", groups: ["dev"], resourceAttributes: pods }), {
    allowed: true,
    reason: 'RBAC: allowed by ClusterRoleBinding "v" of ClusterRole "view" to Group "dev"',
  });
  t.same(await review(all, { user: "ann", resourceAttributes: pods }), { allowed: false });
  t.equal(await review(all, { resourceAttributes: pods }), "Failure", "about nobody");
  const local = "/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews";
  const question = { user: "ann", groups: ["dev"], resourceAttributes: pods };
  t.match(await review(local, question), { allowed: true });
  const elsewhere = { ...question, resourceAttributes: { ...pods, namespace: "kube-system" } };
  t.equal(await review(local, elsewhere), "Failure");
});

void t.test("a node reads what its pods need and asks for their tokens", async (t) => {
  const server = await started(t);
  await create(server, ACCOUNTS, account("bot"));
  const spec = { serviceAccountName: "bot", nodeName: "node-1" };
  const { body } = await create(server, PODS, pod("p", spec));
  const { uid } = body["metadata"] as { uid: string };
  const as: TestCaller = "node-1";
  t.equal((await server.send("GET", NODE_PODS, { as })).status, 200);
  t.equal((await server.send("GET", "/api/v1/pods", { as })).status, 403);
  t.equal((await server.send("GET", `${PODS}/p`, { as })).status, 200);
  const secrets = await server.send("GET", "/api/v1/namespaces/default/secrets/s", { as });
  t.match(messageOf(secrets), /no relationship found between node 'node-1' and this object/);
  const ask = (boundObjectRef: object): Promise<TestAnswer> =>
    server.send("POST", `${ACCOUNTS}/bot/token`, { as, body: { spec: { boundObjectRef } } });
  const ref = { apiVersion: "v1", kind: "Pod", name: "p", uid };
  t.equal((await ask(ref)).status, 201);
  t.match(messageOf(await ask({})), /token not bound to a pod|cannot bind token/);
  const foreign = await create(server, PODS, pod("q", { ...spec, nodeName: "node-2" }));
  const { uid: other } = foreign.body["metadata"] as { uid: string };
  t.match(messageOf(await ask({ ...ref, name: "q", uid: other })), /on a different node/);
  const direct = await server.send("POST", PODS, { as, body: pod("r", { nodeName: "node-1" }) });
  t.match(messageOf(direct), /can only create mirror pods/);
});

void t.test("a node shows the pods that it runs by itself", async (t) => {
  const server = await started(t);
  const as: TestCaller = "node-1";
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" } };
  const { body } = await server.send("POST", "/api/v1/nodes", { as, body: node });
  const { uid } = body["metadata"] as { uid: string };
  const owner = { apiVersion: "v1", kind: "Node", name: "node-1", uid, controller: true };
  const mirror = (ownerReferences: object[], more: object = {}): Promise<TestAnswer> => {
    const spec = { nodeName: "node-1", containers: [{ name: "c", image: "i" }], ...more };
    const annotations = { "kubernetes.io/config.mirror": "hash" };
    const metadata = { name: "own-node-1", annotations, ownerReferences };
    const pod = { apiVersion: "v1", kind: "Pod", metadata, spec };
    return server.send("POST", PODS, { as, body: pod });
  };
  const refused = async (refs: object[], more: object, text: RegExp): Promise<void> => {
    const answer = await mirror(refs, more);
    t.equal(answer.status, 403);
    t.match(messageOf(answer), text);
  };
  await refused([], {}, /with an owner reference set to itself/);
  await refused([owner, { ...owner, uid: "other", controller: false }], {}, /a single owner/);
  await refused([{ ...owner, name: "node-2" }], {}, /an owner reference set to itself/);
  await refused([{ ...owner, controller: false }], {}, /a controller owner reference/);
  await refused([{ ...owner, blockOwnerDeletion: true }], {}, /must not set blockOwnerDeletion/);
  await refused([{ ...owner, uid: "other" }], {}, /node UID mismatch: expected other got /);
  await refused([owner], { serviceAccountName: "bot" }, /reference a service account/);
  const volumes = [{ name: "v", secret: { secretName: "s" } }];
  await refused([owner], { volumes }, /reference secrets/);
  await refused([owner], { nodeName: "node-2" }, /spec.nodeName set to itself/);
  t.equal((await mirror([owner])).status, 201);
});

void t.test("the issuer is published to accounts", async (t) => {
  const server = await started(t);
  await create(server, ACCOUNTS, account("bot"));
  const token = await tokenOf(server, "bot");
  const [header = ""] = token.split(".");
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
  const configuration = await withToken(server, token, "/.well-known/openid-configuration");
  t.match(configuration.body, {
    issuer: "https://kubernetes.default.svc.cluster.local",
    jwks_uri: /\/openid\/v1\/jwks$/,
  });
  const keys = await withToken(server, token, "/openid/v1/jwks");
  t.match(keys.body, { keys: [{ kid, alg: "RS256", use: "sig", kty: "RSA" }] });
  t.equal(keys.headers["content-type"], "application/jwk-set+json");
  t.equal((await server.send("GET", "/openid/v1/jwks", { as: "anonymous" })).status, 403);
});
