import { type Step, nuance, refused, step } from "./step.js";

const pod = (name: string, cpu: string, tier: string): string => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {set: read, tier: ${tier}}}
spec:
  priority: 0
  containers: [{name: main, image: "img-${name}", resources: {requests: {cpu: ${cpu}}}}]
`;
const NAMES = "-l set=read -o jsonpath={.items[*].metadata.name}";
const COLUMNS = "custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[0].image";

const TABLES: readonly Step[] = [
  step("apply -f FILES/pods.yaml", /pod\/b created\npod\/a created\npod\/c created/u),
  step("wait --for=condition=Ready pod -l set=read --timeout=60s", /pod\/c condition met/u),
  step("get pods", /^NAME +READY +STATUS +RESTARTS +AGE\na +\d\/1 +Running +0 +\d+s$/mu),
  step("get pods -o wide", / IP +NODE +NOMINATED NODE +READINESS GATES\na .* 10\.\S+ +n1 /u),
  nuance(step("get pods --no-headers", /^a +\d\/1/u)),
  step("get pods --show-labels", /LABELS\na .* set=read,tier=back/u),
  nuance(step("get pods -L tier,none", /TIER +NONE\na .* back +\nb .* front/u)),
  nuance(step("get pods --show-kind", /^pod\/a /mu)),
  nuance(step("get pods,cm", /^pod\/a [^]*^configmap\/kube-root-ca\.crt /mu)),
  nuance(step("get pods/a cm/kube-root-ca.crt", /^pod\/a [^]*^configmap\/kube-root-ca\.crt /mu)),
  nuance(step("get pod a b", /^a [^]*^b /mu)),
  nuance(step("get -f FILES/pods.yaml", /^b [^]*^a [^]*^c /mu)),
  nuance(step("get pods -A", /^NAMESPACE +NAME[^]*^default +a /mu)),
  nuance(step("get all -l set=read", /^pod\/a /mu)),
  step("get pods -l 'tier in (back,front),tier!=front'", /^NAME.*\na .*\n$/u),
  nuance(step("get pods -l 'tier notin (front),set,!none'", /^NAME.*\na .*\n$/u)),
  step("get pods --field-selector status.phase=Running,metadata.name=b", /^NAME.*\nb .*\n$/u),
  nuance(
    refused(
      "get pods --field-selector spec.nothing=1",
      /field label not supported: spec\.nothing/u,
    ),
  ),
  step("get pods --sort-by=.metadata.name -l set=read", /^NAME.*\na .*\nb .*\nc /u),
  nuance(
    step("get pods --sort-by={.spec.containers[0].resources.requests.cpu}", /\nc .*\na .*\nb /u),
  ),
  nuance(step("get pods --sort-by=.metadata.creationTimestamp -o name", /^pod\//u)),
  step("get pods --chunk-size=1 --no-headers", /^a .*\nb .*\nc .*\n$/u),
  nuance(step("get pods --chunk-size=0 --no-headers", /^a .*\nb .*\nc .*\n$/u)),
  nuance(step("get pod none --ignore-not-found", /^$/u)),
  nuance(refused("get pod none", /\(NotFound\): pods "none" not found/u)),
  nuance(step("get pods -n empty", /No resources found in empty namespace/u)),
  nuance(step("get pod a --subresource=status", /^a +\d\/1 +Running/mu)),
  nuance(step("get events --sort-by=.lastTimestamp", /LAST SEEN|No resources found/u)),
];

const OUTPUTS: readonly Step[] = [
  step("get pod a -o yaml", /^kind: Pod\nmetadata:\n(?! *managedFields)[^]*uid: /mu),
  step("get pod a -o json", /^\{\n +"apiVersion": "v1",\n +"kind": "Pod"/u),
  nuance(step("get pods -o json", /"kind": "List"/u)),
  step("get pods -o name", /^pod\/a\npod\/b\npod\/c\n$/u),
  step(`get pods ${NAMES}`, /^a b c$/u),
  nuance(step("get pods -o 'jsonpath={.items[?(@.metadata.name==\"b\")].spec.nodeName}'", /^n1$/u)),
  nuance(step("get pods -o jsonpath-file=FILES/path", /^a,b,c,$/u)),
  nuance(step("get pods -o jsonpath-as-json={.items[0].metadata.name}", /^\[\n +"a"\n\]/u)),
  nuance(step("get pod a -o 'go-template={{.metadata.name}}:{{len .spec.containers}}'", /^a:1$/u)),
  nuance(step("get pods -o 'go-template={{range .items}}{{.metadata.name}};{{end}}'", /^a;b;c;$/u)),
  nuance(step("get pods -o go-template-file=FILES/template", /^<a><b><c>$/u)),
  step(`get pods -o ${COLUMNS}`, /^NAME +IMAGE\na +img-a\nb +img-b/u),
  nuance(step("get pods -o custom-columns-file=FILES/columns", /^N +T\na +back/u)),
  nuance(step("get pods --sort-by=.metadata.name -o jsonpath={.items[0].metadata.name}", /^a$/u)),
  nuance(step("get pod a -o yaml --show-managed-fields", /managedFields:\n/u)),
  nuance(step("get --raw /api/v1/namespaces/default/pods/a", /^\{"apiVersion":"v1"|"kind":"Pod"/u)),
  nuance(step("get --raw /readyz?verbose", /readyz check passed/u)),
  nuance(step("get --raw /openapi/v3", /apis\/apps\/v1/u)),
  nuance(refused("get --raw /nothing", /could not find the requested resource|NotFound/u)),
  step("describe pod a", /^Name: +a\n[^]*Image: +img-a\n[^]*Requests:\n +cpu: +/mu),
  nuance(step("describe pods -l set=read", /^Name: +a\n[^]*^Name: +b\n/mu)),
  step("describe node n1", /Non-terminated Pods: +\(3 in total\)/u),
  nuance(step("describe ns default", /Status: +Active/u)),
  nuance(step("describe service kubernetes", /Endpoints: +[\d.]+:\d+/u)),
];

/** `get` in every form, and describe. */
export const READING_STEPS: readonly Step[] = [
  nuance(step("create namespace empty", /created/u)),
  ...TABLES,
  ...OUTPUTS,
  step("delete pods -l set=read", /"a" deleted/u),
];

export const READING_FILES: Readonly<Record<string, string>> = {
  "pods.yaml": pod("b", "300m", "front") + pod("a", "0.2", "back") + pod("c", "100m", "front"),
  path: "{range .items[*]}{.metadata.name},{end}",
  template: "{{range .items}}<{{.metadata.name}}>{{end}}",
  columns: "N T\n.metadata.name .metadata.labels.tier\n",
};
