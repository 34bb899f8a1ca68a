import { type Step, nuance, refused, step } from "./step.js";

const DEPLOYMENT = (spec: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: checked}
spec:
  ${spec}
  selector: {matchLabels: {app: c}}
  template:
    metadata: {labels: {app: c}}
    spec: {containers: [{name: c, image: busybox}]}
`;
const UNKNOWN = DEPLOYMENT("replicaz: 1");
const STRICT = /strict decoding error: unknown field "spec\.replicaz"/u;

/** What the server can do, what its kinds look like, and what it makes of mistakes. */
export const DISCOVERY_STEPS: readonly Step[] = [
  step("version", /v1\.36\.\d+\+raftsman/u),
  nuance(step("version -o json", /"serverVersion": \{[^]*"minor": "36"/u)),
  step("cluster-info", /control plane.* is running at/u),
  nuance(step("cluster-info dump", /"kind": "NodeList"[^]*"kind": "DeploymentList"/u)),
  nuance(step("cluster-info dump --output-directory=FILES/dump", /Cluster info dumped to/u)),
  step("api-versions", /^apps\/v1\n[^]*autoscaling\/v1\nautoscaling\/v2\nbatch\/v1\n[^]*^v1$/mu),
  step("api-resources", /^deployments +deploy +apps\/v1 +true +Deployment$/mu),
  nuance(step("api-resources --api-group=batch", /cronjobs +cj +batch\/v1 +true +CronJob/u)),
  nuance(step("api-resources --namespaced=false --no-headers", /^nodes +no +v1 +false +Node$/mu)),
  nuance(step("api-resources --verbs=list,get -o name", /^deployments\.apps$/mu)),
  nuance(step("api-resources --categories=all -o name", /^pods\n[^]*^deployments\.apps$/mu)),
  nuance(step("api-resources -o wide --sort-by=kind", /create,delete,.*watch +all$/mu)),
  step("explain pods", /KIND: +Pod[^]*VERSION: +v1[^]*status\t<PodStatus>/u),
  nuance(step("explain deployment.spec.replicas", /FIELD: replicas <integer>/u)),
  nuance(
    step("explain pod.spec.containers.ports", /FIELD: ports <\[\]ContainerPort>[^]*hostPort/u),
  ),
  nuance(step("explain job.spec.completionMode", /NonIndexed/u)),
  step("explain cronjob --recursive", /jobTemplate\t<JobTemplateSpec>[^]*schedule\t<string>/u),
  nuance(step("explain hpa --api-version=autoscaling/v2 --recursive", /behavior/u)),
  step("explain svc --output=plaintext-openapiv2", /KIND: +Service[^]*spec\t<Object>/u),
  nuance(refused("explain pod.spec.nothing", /field "nothing" does not exist/u)),
  nuance(refused("explain nothing", /doesn't have a resource type "nothing"/u)),
  nuance(refused("get nothing", /doesn't have a resource type "nothing"/u)),
  // Completion asks the server as well.
  nuance(step("__complete get nodes -l kubernetes.io/none= ''", /ShellCompDirectiveNoFileComp/u)),
  nuance(step("__complete get configmaps ''", /^kube-root-ca\.crt$/mu, { soon: true })),

  refused("apply -f - ", STRICT, { stdin: UNKNOWN }),
  nuance(refused("create --validate=strict -f -", STRICT, { stdin: UNKNOWN })),
  refused("apply --server-side -f -", /unknown field|field not declared in schema/u, {
    stdin: UNKNOWN,
  }),
  step("create --validate=warn --dry-run=server -f -", /Warning: unknown field "spec\.replicaz"/u, {
    stdin: UNKNOWN,
  }),
  step("create --validate=ignore --dry-run=server -f -", /^deployment\.apps\/checked created/u, {
    stdin: UNKNOWN,
  }),
  nuance(
    refused(
      "create -f -",
      /cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32/u,
      {
        stdin: DEPLOYMENT("replicas: two"),
      },
    ),
  ),
  nuance(
    refused("create -f -", /spec\.replicas: Invalid value: -1: must be greater than or equal/u, {
      stdin: DEPLOYMENT("replicas: -1"),
    }),
  ),
  nuance(
    refused("create -f -", /no matches for kind "Deploymend" in version "apps\/v1"/u, {
      stdin: DEPLOYMENT("replicas: 1").replace("Deployment", "Deploymend"),
    }),
  ),
  step("create deployment dry --image=nginx --dry-run=client -o yaml", /kind: Deployment/u),
  nuance(
    step("create deployment dry --image=nginx --dry-run=server -o name", /^deployment\.apps\/dry/u),
  ),
  nuance(
    step("create --dry-run=client -f -", /checked created \(dry run\)/u, {
      stdin: DEPLOYMENT("replicas: 1"),
    }),
  ),
  step("apply --dry-run=server -f -", /checked created \(server dry run\)/u, {
    stdin: DEPLOYMENT("replicas: 1"),
  }),
  nuance(step("get deployments", /No resources found in default namespace/u)),

  step("diff -f FILES/cm.yaml", /\+ {2}a: "1"/u, { code: 1 }),
  step("create -f FILES/cm.yaml", /configmap\/plain created/u),
  nuance(step("diff -f FILES/cm.yaml", /^$/u)),
  step("diff -f FILES/cm-2.yaml", /- {2}a: "1"\n\+ {2}a: "2"/u, { code: 1 }),
  nuance(step("diff --server-side -f FILES/cm.yaml", /^$/u)),
  nuance(
    step("diff --server-side --force-conflicts -f FILES/cm-2.yaml", /\+ {2}a: "2"/u, { code: 1 }),
  ),
  nuance(step("diff -f FILES/none.yaml", /does not exist/u, { code: 2 })),
  nuance(
    step("diff -f FILES/cm-2.yaml", /^tool saw .*LIVE/u, {
      code: 1,
      env: { KUBECTL_EXTERNAL_DIFF: "FILES/difftool.sh" },
    }),
  ),
  nuance(step("get cm plain -o jsonpath={.data.a}", /^1$/u)),
  step("delete -f FILES/cm.yaml", /configmap "plain" deleted/u),
];

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: plain\ndata:\n";

export const DISCOVERY_FILES: Readonly<Record<string, string>> = {
  "cm.yaml": `${CONFIG_MAP}  a: "1"\n`,
  "cm-2.yaml": `${CONFIG_MAP}  a: "2"\n`,
  "difftool.sh": '#!/bin/sh\necho "tool saw $1 $2"\nexit 1\n',
};
