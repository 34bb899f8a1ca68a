import { type Step, nuance, refused, step } from "./step.js";

const manifest = (name: string, spec: string, meta = ""): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}${meta}}
spec:
  ${spec}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: main
        image: busybox
        ports: [{containerPort: 53, protocol: TCP}, {containerPort: 53, protocol: UDP}]
`;
/** What somebody applies who owns nothing but the number of replicas and a label. */
const replicas = (count: number, label = ""): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shared${label === "" ? "" : `, labels: {${label}: "yes"}`}}
spec: {replicas: ${count}}
`;
const SERVICE = `
apiVersion: v1
kind: Service
metadata: {name: dns}
spec:
  selector: {app: dns}
  ports:
  - {name: dns, port: 53, protocol: UDP}
  - {name: dns-tcp, port: 53, protocol: TCP}
`;
const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: pruned}}\ndata: {${data}}\n`;

const PORTS =
  "-o jsonpath={range.spec.template.spec.containers[0].ports[*]}{.containerPort}/{.protocol};{end}";
const SHARED = "get deployment shared -o";

const PATCHES: readonly Step[] = [
  step("apply -f -", /deployment\.apps\/p created/u, { stdin: manifest("p", "replicas: 1") }),
  step(`patch deployment p -p '{"spec":{"replicas":3}}'`, /deployment\.apps\/p patched$/mu),
  nuance(
    step(`patch deployment p -p '{"spec":{"replicas":3}}'`, /patched \(no change\)/u, {
      soon: true,
    }),
  ),
  step(`patch deploy p --type=merge -p '{"spec":{"replicas":4}}'`, /patched/u),
  step(
    `patch deploy p --type=json -p '[{"op":"test","path":"/spec/replicas","value":4},{"op":"replace","path":"/spec/replicas","value":0}]'`,
    /patched/u,
  ),
  nuance(
    refused(
      `patch deploy p --type=json -p '[{"op":"test","path":"/spec/replicas","value":4}]'`,
      /testing value .*spec\/replicas.*failed/iu,
    ),
  ),
  nuance(step("get deploy p -o jsonpath={.spec.replicas}", /^0$/u)),
  // Strategic merge: containers are told apart by name, one more is added, one removed.
  nuance(
    step(
      `patch deploy p -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}'`,
      /patched/u,
    ),
  ),
  nuance(step("get deploy p -o jsonpath={..containers[*].name}", /^side main$/u)),
  nuance(
    step(
      `patch deploy p -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}'`,
      /patched/u,
    ),
  ),
  nuance(step("get deploy p -o jsonpath={..containers[*].name}", /^main$/u)),
  nuance(step("patch -f FILES/p.yaml --patch-file=FILES/patch.yaml", /patched/u)),
  nuance(step("get deploy p -o jsonpath={.metadata.labels.from}", /^file$/u)),
  step(`patch deploy p --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`, /patched/u),
  step("get deploy p --subresource=scale", /NAME +DESIRED +AVAILABLE +AGE\np +1 /u),
  nuance(
    step(
      `patch deploy p --subresource=status --type=merge -p '{"status":{"observedGeneration":1}}'`,
      /patched/u,
    ),
  ),
  nuance(step(`patch deploy p --dry-run=server -p '{"spec":{"replicas":9}}'`, /patched/u)),
  nuance(
    step(`patch deploy p --dry-run=client -p '{"spec":{"replicas":9}}' -o name`, /^deployment/u),
  ),
  nuance(step("get deploy p -o jsonpath={.spec.replicas}", /^1$/u)),
  nuance(refused(`patch deploy p -p '{"spec":{"replicas":"x"}}'`, /replicas/u)),
  nuance(refused("patch deploy none -p {}", /deployments\.apps "none" not found/u)),
  step("delete deploy p", /"p" deleted/u),
];

const SERVER_SIDE: readonly Step[] = [
  step("apply --server-side --field-manager=A -f -", /shared serverside-applied/u, {
    stdin: manifest("shared", "replicas: 2", ", labels: {from-a: a}"),
  }),
  refused(
    "apply --server-side --field-manager=B -f -",
    /Apply failed with 1 conflict: conflict with "A": \.spec\.replicas/u,
    { stdin: replicas(3, "from-b") },
  ),
  nuance(step(`${SHARED} jsonpath={.spec.replicas}`, /^2$/u)),
  step("apply --server-side --force-conflicts --field-manager=B -f -", /serverside-applied/u, {
    stdin: replicas(3, "from-b"),
  }),
  nuance(
    step(
      `${SHARED} jsonpath={.spec.replicas},{.metadata.labels}`,
      /^3,\{"from-a":"a","from-b":"yes"/u,
    ),
  ),
  nuance(
    refused("apply --server-side --field-manager=A -f -", /conflict with "B": \.spec\.replicas/u, {
      stdin: manifest("shared", "replicas: 2"),
    }),
  ),
  // A gives up its label, which nobody else has: it goes. It gives up replicas: B keeps them.
  step("apply --server-side --field-manager=A -f -", /serverside-applied/u, {
    stdin: manifest("shared", "paused: false"),
  }),
  step(`${SHARED} jsonpath={.spec.replicas},{.metadata.labels}`, /^3,\{"from-b":"yes"\}$/u),
  nuance(step(`get deploy shared ${PORTS}`, /^53\/TCP;53\/UDP;$/u)),
  nuance(
    step("apply --server-side --field-manager=A -f -", /serverside-applied/u, {
      stdin: manifest("shared", "paused: false"),
    }),
  ),
  nuance(step(`get deploy shared ${PORTS}`, /^53\/TCP;53\/UDP;$/u)),
  nuance(step(`${SHARED} yaml --show-managed-fields`, /manager: A\n +operation: Apply/u)),
  nuance(
    step("apply --server-side --dry-run=server -f -", /serverside-applied \(server dry run\)/u, {
      stdin: manifest("fresh", "replicas: 1"),
    }),
  ),
  step("delete deploy shared", /deleted/u),
  nuance(step("apply --server-side -f -", /service\/dns serverside-applied/u, { stdin: SERVICE })),
  nuance(step("apply --server-side -f -", /service\/dns serverside-applied/u, { stdin: SERVICE })),
  nuance(step("get svc dns", /53\/UDP,53\/TCP/u)),
  nuance(step("delete svc dns", /deleted/u)),
];

const CLIENT_SIDE: readonly Step[] = [
  step("apply -f -", /service\/dns created/u, { stdin: SERVICE }),
  step("apply -f -", /service\/dns unchanged/u, { stdin: SERVICE }),
  step("apply -f -", /service\/dns configured/u, {
    stdin: SERVICE.replaceAll("app: dns", "app: d"),
  }),
  nuance(step("get svc dns", /53\/UDP,53\/TCP/u)),
  step("apply -f -", /configmap\/kept created/u, { stdin: configMap("kept", 'a: "1", b: "2"') }),
  step("apply view-last-applied configmap/kept", /a: "1"\n +b: "2"/u),
  nuance(step("apply view-last-applied -f FILES/kept.yaml -o json", /"b": "2"/u)),
  step("apply set-last-applied -f FILES/kept.yaml", /configmap\/kept configured/u),
  nuance(step("apply view-last-applied cm kept", /data:\n +a: "1"\nkind/u)),
  step("apply edit-last-applied cm/kept", /configmap\/kept edited/u, {
    env: { KUBE_EDITOR: "FILES/editor.sh" },
  }),
  nuance(step("apply view-last-applied cm/kept", /a: edited/u)),
  nuance(step("create -f FILES/bare.yaml", /configmap\/bare created/u)),
  nuance(
    refused(
      "apply set-last-applied -f FILES/bare.yaml",
      /no last-applied-configuration annotation/u,
    ),
  ),
  nuance(step("apply set-last-applied --create-annotation -f FILES/bare.yaml", /bare configured/u)),
  // What was applied before and is not any more goes; what somebody else added stays.
  nuance(step(`patch cm kept -p '{"data":{"theirs":"x"}}'`, /patched/u)),
  nuance(step("apply -f -", /configured/u, { stdin: configMap("kept", 'c: "3"') })),
  nuance(step("get cm kept -o jsonpath={.data}", /^\{"b":"2","c":"3","theirs":"x"\}$/u)),
  // From client-side to server-side apply: what is dropped afterwards goes.
  step("apply --server-side -f -", /kept serverside-applied/u, {
    stdin: configMap("kept", 'c: "3", d: "4"'),
  }),
  nuance(
    step("apply --server-side -f -", /kept serverside-applied/u, {
      stdin: configMap("kept", 'd: "4"'),
    }),
  ),
  nuance(step("get cm kept -o jsonpath={.data}", /^\{"d":"4","theirs":"x"\}$/u)),
  step(
    "get cm kept --show-managed-fields -o jsonpath={range.metadata.managedFields[*]}{.manager}:{.operation};{end}",
    /^(?!.*client-side).*kubectl:Apply;/u,
  ),
  step("delete cm kept bare --ignore-not-found", /"kept" deleted/u),
  step("delete svc dns", /"dns" deleted/u),
  nuance(refused("apply -f FILES/none.yaml", /does not exist/u)),
  step("apply -f FILES/many -R", /configmap\/two created\nconfigmap\/one created/u),
  // Without an allow-list kubectl asks for every kind of a list of its own.
  step(
    "apply -f FILES/many/one.yaml --prune -l set=pruned",
    /one unchanged\nconfigmap\/two pruned/u,
  ),
  nuance(step("apply -f FILES/many -R", /configmap\/two created\nconfigmap\/one unchanged/u)),
  nuance(
    step(
      "apply -f FILES/many/one.yaml --prune -l set=pruned --prune-allowlist=core/v1/ConfigMap",
      /configmap\/one unchanged\nconfigmap\/two pruned/u,
    ),
  ),
  step("delete cm -l set=pruned", /"one" deleted/u),
  nuance(
    step(
      "apply -f FILES/many -R --prune --applyset=configmap/set -n default",
      /configmap\/one (created|serverside-applied)/u,
      { env: { KUBECTL_APPLYSET: "true" } },
    ),
  ),
  nuance(
    step(
      "apply -f FILES/many/one.yaml --prune --applyset=configmap/set -n default",
      /configmap\/two pruned/u,
      { env: { KUBECTL_APPLYSET: "true" } },
    ),
  ),
  nuance(step("delete cm one set", /"one" deleted/u)),
];

const KUSTOMIZE: readonly Step[] = [
  nuance(step("kustomize FILES/kustom", /name: pre-one/u)),
  nuance(step("diff -k FILES/kustom", /\+ {2}name: pre-one/u, { code: 1 })),
  step(
    "apply -k FILES/kustom",
    /configmap\/pre-generated-\w+ created[^]*configmap\/pre-one created/u,
  ),
  nuance(step("get -k FILES/kustom", /pre-one +1 /u)),
  nuance(step("diff -k FILES/kustom", /^$/u)),
  nuance(step("get cm pre-one -o jsonpath={.metadata.labels.common}", /^yes$/u)),
  nuance(
    step("apply --server-side --force-conflicts -k FILES/kustom", /pre-one serverside-applied/u),
  ),
  step("delete -k FILES/kustom", /"pre-one" deleted/u),
];

/** Patches, and apply from either side. */
export const APPLY_STEPS: readonly Step[] = [
  ...PATCHES,
  ...SERVER_SIDE,
  ...CLIENT_SIDE,
  ...KUSTOMIZE,
];

export const APPLY_FILES: Readonly<Record<string, string>> = {
  "p.yaml": manifest("p", "replicas: 1"),
  "patch.yaml": "metadata: {labels: {from: file}}\n",
  "kept.yaml": configMap("kept", 'a: "1"'),
  "bare.yaml": configMap("bare", 'a: "1"').replace(", labels: {set: pruned}", ""),
  "many/one.yaml": configMap("one", 'a: "1"'),
  "many/deeper/two.yaml": configMap("two", 'a: "1"'),
  "editor.sh": '#!/bin/sh\nsed -i \'s/a: "1"/a: edited/\' "$1"\n',
  "kustom/kustomization.yaml":
    "namePrefix: pre-\nlabels: [{pairs: {common: 'yes'}}]\nresources: [one.yaml]\n" +
    "configMapGenerator: [{name: generated, literals: [a=b]}]\n",
  "kustom/one.yaml": configMap("one", 'a: "1"'),
};
