import { type Step, nuance, refused, step } from "./step.js";

const RECONCILED = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reconciled}
rules:
- {apiGroups: [""], resources: [pods], verbs: [get, list]}
`;
const BOT = "--as system:serviceaccount:default:bot";
const RBAC = "rbac\\.authorization\\.k8s\\.io";

const created = (kind: string, name: string): RegExp =>
  new RegExp(`${kind}\\.${RBAC}/${name} created`, "u");

const ROLES: readonly Step[] = [
  step("create serviceaccount bot", /serviceaccount\/bot created/u),
  step(
    "create role reader --verb=get,list --resource=pods,pods/log,deployments.apps",
    created("role", "reader"),
  ),
  nuance(
    step("create role one --verb=get --resource=cm --resource-name=one", created("role", "one")),
  ),
  step(
    "create rolebinding reads --role=reader --serviceaccount=default:bot",
    created("rolebinding", "reads"),
  ),
  nuance(
    step(
      "create clusterrole metrics --verb=get --non-resource-url=/metrics",
      created("clusterrole", "metrics"),
    ),
  ),
  nuance(step("create clusterrole sum --aggregation-rule=part=yes", created("clusterrole", "sum"))),
  step(
    "create clusterrolebinding watchers --clusterrole=view --user=ann --group=dev",
    created("clusterrolebinding", "watchers"),
  ),
  nuance(step("get roles", /^reader +20\d\d-/mu)),
  nuance(step("get rolebindings -o wide", /reads +Role\/reader +\S+ +default\/bot/u)),
  nuance(step("get clusterrolebindings watchers -o wide", /ClusterRole\/view .* ann +dev/u)),
  nuance(step("describe role reader", /deployments\.apps +\[\] +\[\] +\[get list\]/u)),
  nuance(step("describe rolebinding reads", /ServiceAccount +bot +default/u)),
];

const QUESTIONS: readonly Step[] = [
  step("auth can-i create pods", /^yes/u),
  // Kinds that cannot be patched: kubectl first asks whether they are custom ones.
  nuance(
    step("create -f - -o jsonpath={.status.allowed}", /^true$/u, {
      stdin: JSON.stringify({
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: {
          user: "ann",
          groups: ["system:masters"],
          nonResourceAttributes: { path: "/", verb: "get" },
        },
      }),
    }),
  ),
  nuance(step(`auth can-i list pods ${BOT}`, /^yes/u)),
  refused(`auth can-i list secrets ${BOT}`, /^no/u),
  nuance(refused(`auth can-i list pods -A ${BOT}`, /^no/u)),
  nuance(refused(`auth can-i list secrets --quiet ${BOT}`, /^$/u)),
  nuance(step(`auth can-i get pods --subresource=log ${BOT}`, /^yes/u)),
  nuance(refused("auth can-i get /metrics --as ann", /^no/u)),
  step(`auth can-i --list ${BOT}`, /pods\/log +\[\] +\[\] +\[get list\]/u),
  nuance(step("auth can-i --list", /\*\.\* +\[\] +\[\] +\[\*\]/u)),
  step("get pods --as ann", /No resources found in default namespace/u),
  nuance(
    refused(
      "get secrets --as ann",
      /\(Forbidden\): secrets is forbidden: User "ann" cannot list resource "secrets" in API group "" in the namespace "default"/u,
    ),
  ),
  nuance(step("get secrets --as ann --as-group system:masters", /No resources found/u)),
  step("auth reconcile -f -", /clusterrole.*reconciled/u, { stdin: RECONCILED }),
  nuance(step("auth reconcile -f -", /clusterrole.*reconciled/u, { stdin: RECONCILED })),
  nuance(
    step("auth reconcile --dry-run=client -f -", /reconciled.*dry run/u, { stdin: RECONCILED }),
  ),
  // A comma does not part a group.
  step(
    "auth whoami --as=ann --as-group=a,b --as-group=dev --as-uid=7",
    /Username +ann\nUID +7\nGroups +\[a,b dev system:authenticated\]/u,
    { since: 28 },
  ),
  nuance(
    step("auth whoami -o jsonpath={.status.userInfo.groups}", /^\["system:masters",/u, {
      since: 28,
    }),
  ),
  // It knows the alpha and beta versions of the kind only, which Kubernetes 1.36 has not either.
  refused("auth whoami", /selfsubjectreviews API is not enabled/u, { upTo: 27 }),
  step("create token bot --duration=10m", /^ey[\w-]+\.[\w-]+\.[\w-]+$/mu),
  nuance(step("create token bot --audience=a.example.com", /^ey/mu)),
  nuance(refused("create token bot --duration=5m", /less than 10 minutes/u)),
  nuance(refused("create token none", /serviceaccounts "none" not found/u)),
  step(
    "delete clusterrole,clusterrolebinding metrics watchers --ignore-not-found",
    /watchers" del/u,
  ),
  step("delete role,rolebinding --all", /"reads" deleted/u),
];

const CONFIG = "--kubeconfig=FILES/config";
const CONFIGURATION: readonly Step[] = [
  step("config view", /current-context: test/u),
  nuance(step("config view --minify --raw -o jsonpath={.clusters[0].cluster.server}", /^https:/u)),
  step("config get-contexts", /\* +test +test +admin/u),
  nuance(step("config current-context", /^test$/mu)),
  step(`config set-cluster c --server=https://127.0.0.1:1 ${CONFIG}`, /Cluster "c" set/u),
  step(`config set-credentials u --token=t ${CONFIG}`, /User "u" set/u),
  step(`config set-context x --cluster=c --user=u --namespace=n ${CONFIG}`, /"x" created/u),
  nuance(step(`config set-context x --namespace=m ${CONFIG}`, /"x" modified/u)),
  step(`config use-context x ${CONFIG}`, /Switched to context "x"/u),
  nuance(step(`config rename-context x y ${CONFIG}`, /renamed to "y"/u)),
  nuance(
    step(`config set contexts.y.namespace z ${CONFIG}`, /Property "contexts\.y\.namespace" set/u),
  ),
  nuance(step(`config view -o jsonpath={.contexts[0].context.namespace} ${CONFIG}`, /^z$/u)),
  nuance(step(`config unset contexts.y.namespace ${CONFIG}`, /unset/u)),
  nuance(step(`config get-clusters ${CONFIG}`, /^c$/mu)),
  nuance(step(`config get-users ${CONFIG}`, /^u$/mu)),
  nuance(refused(`get pods ${CONFIG}`, /connection to the server 127\.0\.0\.1:1 was refused/u)),
  nuance(step(`config delete-context y ${CONFIG}`, /deleted context y/u)),
  nuance(step(`config delete-cluster c ${CONFIG}`, /deleted cluster c/u)),
  nuance(step(`config delete-user u ${CONFIG}`, /deleted user u/u)),
  nuance(refused(`config use-context none ${CONFIG}`, /no context exists with the name: "none"/u)),
];

const CERTIFICATES: readonly Step[] = [
  step("create -f FILES/csr-one.json", /certificatesigningrequest\S*\/csr-one created/u),
  nuance(step("get csr csr-one", /csr-one .*kube-apiserver-client +\S+ +<none> +Pending/u)),
  step("certificate approve csr-one", /certificatesigningrequest\S*\/csr-one approved/u),
  step("get csr csr-one", / Approved,Issued/u, { soon: true }),
  nuance(step("get csr csr-one -o jsonpath={.status.certificate}", /^LS0tLS1CRUdJTi/u)),
  nuance(step("create -f FILES/csr-two.json", /\/csr-two created/u)),
  nuance(step("certificate deny csr-two", /certificatesigningrequest\S*\/csr-two denied/u)),
  nuance(step("get csr csr-two", / Denied$/mu)),
  nuance(refused("certificate approve none", /"none" not found/u)),
  step("delete csr csr-one csr-two --ignore-not-found", /"csr-one" deleted/u),
];

/** What is not there says so; these nodes measure nothing. */
const ABSENT: readonly Step[] = [
  step("top pods -n kube-public", /^No resources found in kube-public namespace/u),
  nuance(refused("top nodes", /^error: metrics not available yet$/mu)),
];

/** Roles, bindings, tokens, questions about rights; config. */
export const ACCESS_STEPS: readonly Step[] = [
  ...ROLES,
  ...QUESTIONS,
  ...CONFIGURATION,
  ...CERTIFICATES,
  ...ABSENT,
];

/** What the lines read from disk; `requestPem` asks for a client's certificate (PKCS #10). */
export function accessFiles(requestPem: string): Readonly<Record<string, string>> {
  const request = Buffer.from(requestPem).toString("base64");
  const signerName = "kubernetes.io/kube-apiserver-client";
  const manifest = (name: string): string =>
    JSON.stringify({
      apiVersion: "certificates.k8s.io/v1",
      kind: "CertificateSigningRequest",
      metadata: { name },
      spec: { request, signerName, usages: ["client auth"] },
    });
  return { "csr-one.json": manifest("csr-one"), "csr-two.json": manifest("csr-two") };
}
