import t from "tap";
import { TestServer } from "./test-server.js";

const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const PEM = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
const CERTIFICATE = Buffer.from("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

const server = await TestServer.start();
t.teardown(() => server.close());

const asked = (name: string) => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name },
  spec: {
    request: Buffer.from(PEM).toString("base64"),
    signerName: "example.com/signer",
    usages: ["client auth"],
    username: "somebody else",
    groups: ["system:masters"],
  },
});
const read = async (name: string) => (await server.send("GET", `${REQUESTS}/${name}`)).body;
const approved = (body: Readonly<Record<string, unknown>>) => ({
  ...body,
  status: { conditions: [{ type: "Approved", status: "True", reason: "Test" }] },
});

await t.test("who asks is what the server knows, not what is said", async (t) => {
  const { status, body } = await server.send("POST", REQUESTS, { body: asked("mine") });
  t.equal(status, 201);
  const { spec } = body as { spec: { username: string; groups: string[] } };
  t.equal(spec.username, "kubernetes-admin");
  t.ok(spec.groups.includes("system:authenticated"));
  const changed = { ...body, spec: { ...spec, username: "other", signerName: "example.com/b" } };
  const { body: after } = await server.send("PUT", `${REQUESTS}/mine`, { body: changed });
  t.match(after, { spec: { username: "kubernetes-admin", signerName: "example.com/signer" } });
});

await t.test("a decision is made once, through approval", async (t) => {
  const body = approved(await read("mine"));
  const bySpec = await server.send("PUT", `${REQUESTS}/mine`, { body });
  t.notMatch(bySpec.body, { status: { conditions: Array } });
  const byStatus = await server.send("PUT", `${REQUESTS}/mine/status`, {
    body: approved(await read("mine")),
  });
  t.notMatch(byStatus.body, { status: { conditions: Array } });
  const decided = await server.send("PUT", `${REQUESTS}/mine/approval`, {
    body: approved(await read("mine")),
  });
  t.match(decided.body, {
    status: { conditions: [{ type: "Approved", lastUpdateTime: /Z$/, lastTransitionTime: /Z$/ }] },
  });
  const undone = await server.send("PUT", `${REQUESTS}/mine/approval`, {
    body: { ...(await read("mine")), status: {} },
  });
  t.match(undone, {
    status: 422,
    body: { message: /updates may not remove a condition of type "Approved"/ },
  });
});

await t.test("the signer hands the certificate out, and decides nothing", async (t) => {
  const status = { certificate: CERTIFICATE.toString("base64"), conditions: [] };
  const body = { ...(await read("mine")), status };
  const { body: signed } = await server.send("PUT", `${REQUESTS}/mine/status`, { body });
  t.match(signed, {
    status: { certificate: status.certificate, conditions: [{ type: "Approved" }] },
  });
});

await t.test("to approve and to sign are rights of their own", async (t) => {
  await server.send("POST", REQUESTS, { body: asked("guarded") });
  const may = (name: string, rules: object[]) =>
    server.send("POST", `${RBAC}/clusterroles`, {
      body: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name },
        rules,
      },
    });
  const group = "certificates.k8s.io";
  const paths = ["certificatesigningrequests/approval", "certificatesigningrequests/status"];
  await may("writer", [{ apiGroups: [group], resources: paths, verbs: ["update"] }]);
  await may("approver", [
    {
      apiGroups: [group],
      resources: ["signers"],
      resourceNames: ["example.com/*"],
      verbs: ["approve"],
    },
  ]);
  const bind = (name: string) =>
    server.send("POST", `${RBAC}/clusterrolebindings`, {
      body: {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name },
        subjects: [{ kind: "User", name: "nobody", apiGroup: "rbac.authorization.k8s.io" }],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      },
    });
  await bind("writer");
  const body = approved(await read("guarded"));
  const put = (path: string, object: object) =>
    server.send("PUT", `${REQUESTS}/guarded/${path}`, { as: "nobody", body: object });
  t.match(await put("approval", body), {
    status: 403,
    body: {
      message: /user not permitted to approve requests with signerName "example.com\/signer"/,
    },
  });
  await bind("approver");
  t.match(await put("approval", body), { status: 200 });
  const certificate = CERTIFICATE.toString("base64");
  const signed = { ...(await read("guarded")), status: { certificate } };
  t.match(await put("status", signed), {
    status: 403,
    body: { message: /user not permitted to sign requests/ },
  });
});

await t.test("kubectl certificate decides", async (t) => {
  for (const name of ["good", "evil"]) await server.send("POST", REQUESTS, { body: asked(name) });
  t.match(await server.kubectl("1.33", ["certificate", "approve", "good"]), { code: 0 });
  t.match(await server.kubectl("1.33", ["certificate", "deny", "evil"]), { code: 0 });
  const { stdout } = await server.kubectl("1.33", ["get", "csr"]);
  t.match(stdout, /^NAME +AGE +SIGNERNAME +REQUESTOR +REQUESTEDDURATION +CONDITION\n/u);
  t.match(stdout, /^good .*example.com\/signer +kubernetes-admin +<none> +Approved$/mu);
  t.match(stdout, /^evil .* Denied$/mu);
  t.match(stdout, /^mine .* Approved,Issued$/mu);
});
