import { type Step, nuance, refused, step } from "./step.js";

const DOCKER =
  "create secret docker-registry reg --docker-server=https://r --docker-username=u " +
  "--docker-password=p --docker-email=e@x";

const WORKLOADS: readonly Step[] = [
  step("create deployment web --image=nginx --replicas=2 --port=80", /web created/u),
  step("create job once --image=busybox -- true", /job\.batch\/once created/u),
  nuance(step("get job once", /once +(Running +)?0\/1/u)),
  step(
    "create cronjob tick --image=busybox --schedule='*/5 * * * *' -- date",
    /cronjob\.batch\/tick created/u,
  ),
  nuance(
    refused(
      "create cronjob bad --image=busybox --schedule='* * *'",
      /spec\.schedule: Invalid value/u,
    ),
  ),
  nuance(step("get cronjob tick -o wide", /tick +\*\/5 \* \* \* \* .*busybox/u)),
  step("create job manual --from=cronjob/tick", /job\.batch\/manual created/u),
  nuance(step("get job manual -o jsonpath={.metadata.ownerReferences[0].kind}", /^CronJob$/u)),
  step("run solo --image=busybox --labels=app=solo --port=80 --env=A=B", /pod\/solo created/u),
  nuance(
    step(
      "get pod solo -o jsonpath={.spec.priority},{.spec.preemptionPolicy}",
      /^0,PreemptLowerPriority$/u,
    ),
  ),
  nuance(step("run cmd --image=busybox --restart=Never --command -- sleep 5", /pod\/cmd created/u)),
  nuance(
    step("get pod cmd -o jsonpath={.spec.restartPolicy},{..command}", /^Never,\["sleep","5"\]$/u),
  ),
  step("run dry --image=busybox --dry-run=client -o yaml", /name: dry[^]*restartPolicy: Always/u),
  nuance(
    step("run solo-2 --image=busybox --expose --port=80", /service\/solo-2 created\npod\/solo-2/u),
  ),
  nuance(refused("run solo --image=busybox", /pods "solo" already exists/u)),
  step("expose deployment web --port=80 --target-port=8080 --name=exposed", /exposed exposed/u),
  nuance(
    step("expose pod solo --port=80 --name=solo-svc --type=NodePort", /service\/solo-svc exposed/u),
  ),
  nuance(step("expose service exposed --port=443 --name=again", /service\/again exposed/u)),
  step("get endpoints exposed", /exposed +10\.\S+:8080,10\.\S+:8080/u, { soon: true }),
  step("autoscale deployment web --min=1 --max=5 --cpu-percent=50", /web autoscaled/u),
  nuance(step("get hpa web", /web +Deployment\/web +(cpu: )?<unknown>\/50% +1 +5 +\d/u)),
  nuance(
    step(
      "get horizontalpodautoscalers.v1.autoscaling web -o jsonpath={.apiVersion},{.spec.targetCPUUtilizationPercentage}",
      /^autoscaling\/v1,50$/u,
    ),
  ),
  nuance(
    step(
      "describe hpa web",
      /resource cpu on pods +\(as a percentage of request\): +<unknown> \/ 50%/u,
    ),
  ),
];

const SERVICES: readonly Step[] = [
  step("create service clusterip cip --tcp=80:8080", /service\/cip created/u),
  nuance(
    step(
      "create service clusterip headless --clusterip=None --tcp=80",
      /service\/headless created/u,
    ),
  ),
  step("create service nodeport np --tcp=80:8080 --node-port=30007", /service\/np created/u),
  nuance(step("create service loadbalancer lb --tcp=80", /service\/lb created/u)),
  nuance(
    step("create service externalname ext --external-name=a.example.com", /service\/ext created/u),
  ),
  nuance(step("get svc np -o jsonpath={.spec.ports[0].nodePort}", /^30007$/u)),
  nuance(
    step(
      "get svc headless ext",
      /headless +ClusterIP +None .*\next +ExternalName +<none> +a\.example/u,
    ),
  ),
  step(
    "create ingress ing --rule=a.example.com/x*=web:80,tls=tls --class=nginx",
    /ingress\.networking\.k8s\.io\/ing created/u,
  ),
  nuance(step("get ingress ing", /ing +nginx +a\.example\.com +80, 443/u)),
  nuance(step("describe ingress ing", /\/x +web:80/u)),
];

const CONTENTS: readonly Step[] = [
  step("create configmap files --from-file=FILES/conf --from-literal=a=b", /files created/u),
  nuance(step("create configmap env --from-env-file=FILES/env", /configmap\/env created/u)),
  nuance(
    step("create configmap named --from-file=other=FILES/conf/one", /configmap\/named created/u),
  ),
  nuance(step("create cm binary --from-file=FILES/binary", /configmap\/binary created/u)),
  nuance(step("get cm files -o jsonpath={.data.one},{.data.a}", /^1,b$/u)),
  nuance(
    step("get cm env named -o jsonpath={.items[*].data}", /^\{"KEY":"value"\} \{"other":"1"\}$/u),
  ),
  nuance(step("get cm binary -o jsonpath={.binaryData.binary}", /^AP8CBA==$/u)),
  step("create secret generic gen --from-literal=p=w --from-file=FILES/conf/one", /gen created/u),
  nuance(
    step("create secret generic typed --type=example.com/x --from-literal=a=b", /typed created/u),
  ),
  nuance(step("get secret gen -o jsonpath={.data.p}", /^dw==$/u)),
  nuance(step("get secret typed", /typed +example\.com\/x +1 /u)),
  step(DOCKER, /secret\/reg created/u),
  nuance(step("get secret reg", /reg +kubernetes\.io\/dockerconfigjson +1 /u)),
  step("create secret tls tls --cert=FILES/tls.crt --key=FILES/tls.key", /secret\/tls created/u),
  nuance(step("describe secret tls", /Type: +kubernetes\.io\/tls\n[^]*tls\.key: +\d+ bytes/u)),
];

const RULES: readonly Step[] = [
  step("create namespace other", /namespace\/other created/u),
  step("create serviceaccount robot", /serviceaccount\/robot created/u),
  step(
    "create quota q --hard=cpu=1,pods=2 --scopes=NotTerminating",
    /resourcequota\/q created/u,
    {},
  ),
  nuance(step("describe quota q", /Scopes: +NotTerminating/u)),
  step("delete quota q", /"q" deleted/u),
  step("create pdb pdb --selector=app=web --min-available=1", /policy\/pdb created/u),
  nuance(step("create pdb most --selector=app=x --max-unavailable=50%", /policy\/most created/u)),
  nuance(step("get pdb pdb", /pdb +1 +N\/A +[01] /u)),
  nuance(
    step(`patch pdb pdb -p '{"spec":{"selector":{"matchLabels":{"app":"solo"}}}}'`, /pdb patched/u),
  ),
  nuance(step("get pdb pdb -o jsonpath={.spec.selector.matchLabels}", /^\{"app":"solo"\}$/u)),
  step(
    "create priorityclass high --value=1000 --description=d",
    /scheduling\.k8s\.io\/high created/u,
  ),
  nuance(step("get priorityclass", /system-node-critical +2000001000 +false/u)),
  nuance(
    refused(
      "delete priorityclass system-node-critical",
      /is a system priority class and cannot be/u,
    ),
  ),
  nuance(
    step(
      `run critical --image=busybox --overrides='{"spec":{"priorityClassName":"high"}}'`,
      /pod\/critical created/u,
    ),
  ),
  nuance(step("get pod critical -o jsonpath={.spec.priority}", /^1000$/u)),
  nuance(
    refused(
      `run lost --image=busybox --overrides='{"spec":{"priorityClassName":"none"}}'`,
      /no PriorityClass with name none was found/u,
    ),
  ),
];

const SETS: readonly Step[] = [
  step(
    "apply -f FILES/sets.yaml",
    /statefulset\.apps\/sts created[^]*daemonset\.apps\/ds created/u,
  ),
  nuance(step("scale statefulset sts --replicas=3", /statefulset\.apps\/sts scaled/u)),
  nuance(step("scale rc rc --replicas=2", /replicationcontroller\/rc scaled/u)),
  nuance(step("rollout restart statefulset/sts daemonset/ds", /statefulset\.apps\/sts restarted/u)),
  nuance(step("get all", /cronjob\.batch\/tick/u)),
];

const STORAGE: readonly Step[] = [
  nuance(
    step(
      "apply -f FILES/storage.yaml",
      /storageclass\.storage\.k8s\.io\/slow created\npersistentvolume\/pv created/u,
    ),
  ),
  nuance(step("get sc", /slow \(default\) +example\.com\/disks +Delete +Immediate +true/u)),
  nuance(step("get pv pv", /pv +1Gi +RWO +Retain +Available +slow /u)),
  nuance(
    step("describe pv pv", /StorageClass: +slow\n[^]*Reclaim Policy: +Retain\n[^]*Path: +\/data/u),
  ),
  nuance(step("describe sc slow", /Provisioner: +example\.com\/disks\n/u)),
  nuance(
    refused(
      `patch pv pv -p '{"spec":{"hostPath":{"path":"/other"}}}'`,
      /spec\.persistentvolumesource: Forbidden: .*immutable after creation/u,
    ),
  ),
  nuance(step("delete pv/pv sc/slow", /persistentvolume "pv" deleted\n.*"slow" deleted/u)),
];

/** `create KIND`, run, expose, autoscale. */
export const GENERATOR_STEPS: readonly Step[] = [
  ...WORKLOADS,
  ...SERVICES,
  ...CONTENTS,
  ...RULES,
  ...SETS,
  ...STORAGE,
  step("delete pods --all --force --grace-period=0", /"solo" force deleted/u),
  step("delete all --all", /statefulset\.apps "sts" deleted/u),
  step("delete cm,secret,quota,pdb,ingress,limits,netpol --all", /\.k8s\.io "np" deleted/u),
  step("delete priorityclass high", /"high" deleted/u),
  step("delete namespace other", /"other" deleted/u),
];

const POD =
  "    metadata: {labels: {app: s}}\n    spec: {containers: [{name: c, image: busybox}]}\n";
const SETS_YAML = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: sts}
spec:
  serviceName: sts
  selector: {matchLabels: {app: s}}
  template:
${POD}  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ds}
spec:
  selector: {matchLabels: {app: s}}
  template:
${POD}---
apiVersion: v1
kind: ReplicationController
metadata: {name: rc}
spec:
  template:
${POD}---
apiVersion: v1
kind: LimitRange
metadata: {name: lr}
spec: {limits: [{type: Container, max: {cpu: 1}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: np}
spec: {podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}
`;

const STORAGE_YAML = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: slow
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: example.com/disks
allowVolumeExpansion: true
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: pv}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: slow
  hostPath: {path: /data}
`;

/** What the lines read from disk, besides tls.crt and tls.key. */
export const GENERATOR_FILES: Readonly<Record<string, string | Uint8Array>> = {
  "conf/one": "1",
  env: "KEY=value\n",
  binary: new Uint8Array([0, 255, 2, 4]),
  "sets.yaml": SETS_YAML,
  "storage.yaml": STORAGE_YAML,
};
