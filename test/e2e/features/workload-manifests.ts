import { TOOLS_IMAGE } from "../tools-image.js";

/**
 * The examples everybody learns from, in the shape of Kubernetes' tutorials. No registry is in
 * reach: their programs are shell around busybox' HTTP server.
 */

const HTTPD = "exec busybox httpd -f -h /tmp/www -p";
/** Names are asked for with getent: a static busybox has no resolver. */
const ADDRESS_OF = `address_of() { getent hosts "$1" | busybox cut -d" " -f1; }`;

/** A program that answers requests for /cgi-bin/NAME. */
function cgi(name: string, lines: readonly string[]): string[] {
  const path = `/tmp/www/cgi-bin/${name}`;
  const script = [
    "#!/bin/sh",
    ADDRESS_OF,
    "printf 'Content-Type: text/plain\\r\\n\\r\\n'",
    ...lines,
  ];
  return [
    "mkdir -p /tmp/www/cgi-bin",
    "touch /tmp/messages",
    `cat > ${path} <<'END'`,
    ...script,
    "END",
    `busybox chmod 755 ${path}`,
  ];
}

/** Keeps the messages; takes new ones. */
const LEADER = [
  ...cgi("messages", [
    '[ "$REQUEST_METHOD" = POST ] && cat >> /tmp/messages && echo >> /tmp/messages',
    "cat /tmp/messages",
  ]),
  `${HTTPD} 6379`,
];
/** Has the leader's messages a moment later. */
const FOLLOWER = [
  ...cgi("messages", ["cat /tmp/messages"]),
  ADDRESS_OF,
  "while :; do",
  '  busybox wget -q -O /tmp/new "http://$(address_of redis-leader):6379/cgi-bin/messages" &&',
  "    busybox mv /tmp/new /tmp/messages",
  "  sleep 0.3",
  "done &",
  `${HTTPD} 6379`,
];
/** Writes to the leader, reads from a follower. */
const FRONTEND = [
  ...cgi("guestbook", [
    'if [ "$REQUEST_METHOD" = POST ]; then',
    '  busybox wget -q -O - --post-data "$(cat)" "http://$(address_of redis-leader):6379/cgi-bin/messages"',
    "else",
    '  busybox wget -q -O - "http://$(address_of redis-follower):6379/cgi-bin/messages"',
    "fi",
  ]),
  `${HTTPD} 80`,
];

interface Tier {
  readonly name: string;
  readonly replicas: number;
  readonly selector: string;
  readonly labels: string;
  readonly port: number;
  readonly script: readonly string[];
}

function tier({ name, replicas, selector, labels, port, script }: Tier): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name}, labels: {${labels}}}
spec:
  ports: [{port: ${port}, targetPort: ${port}}]
  selector: {${labels}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {${labels}}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {${selector}}}
  template:
    metadata: {labels: {${labels}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: ${TOOLS_IMAGE}
        command: [sh, -c, ${JSON.stringify(script.join("\n"))}]
        resources: {requests: {cpu: 50m, memory: 20Mi}}
        ports: [{containerPort: ${port}}]
        readinessProbe: {tcpSocket: {port: ${port}}, periodSeconds: 1}
`;
}

/** The Guestbook, with the names, labels and ports of the tutorial. */
export const GUESTBOOK = [
  {
    name: "redis-leader",
    replicas: 1,
    selector: "app: redis, role: leader",
    labels: "app: redis, role: leader, tier: backend",
    port: 6379,
    script: LEADER,
  },
  {
    name: "redis-follower",
    replicas: 2,
    selector: "app: redis, role: follower",
    labels: "app: redis, role: follower, tier: backend",
    port: 6379,
    script: FOLLOWER,
  },
  {
    name: "frontend",
    replicas: 3,
    selector: "app: guestbook, tier: frontend",
    labels: "app: guestbook, tier: frontend",
    port: 80,
    script: FRONTEND,
  },
]
  .map(tier)
  .join("---");

/** `web` of the StatefulSet tutorial; each pod has a claim of its own. */
export const WEB = `
apiVersion: v1
kind: Service
metadata: {name: nginx, labels: {app: nginx}}
spec:
  ports: [{port: 80, name: web}]
  clusterIP: None
  selector: {app: nginx}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  serviceName: nginx
  replicas: 2
  selector: {matchLabels: {app: nginx}}
  template:
    metadata: {labels: {app: nginx}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: nginx
        image: ${TOOLS_IMAGE}
        command: [busybox, httpd, "-f", "-p", "80", "-h", /usr/share/nginx/html]
        ports: [{containerPort: 80, name: web}]
        readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}
        volumeMounts: [{name: www, mountPath: /usr/share/nginx/html}]
  volumeClaimTemplates:
  - metadata: {name: www}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;

/** A log collector on every node. */
export const FLUENTD = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: fluentd, labels: {k8s-app: fluentd-logging}}
spec:
  selector: {matchLabels: {name: fluentd}}
  template:
    metadata: {labels: {name: fluentd}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: fluentd
        image: ${TOOLS_IMAGE}
        command: [sleep, "100000"]
        volumeMounts: [{name: varlog, mountPath: /var/log}]
      volumes: [{name: varlog, hostPath: {path: /var/log}}]
`;

/** A Job that counts its attempts in `data`, and holds at the third. */
export const thirdTime = (data: string): string => `
apiVersion: batch/v1
kind: Job
metadata: {name: third-time}
spec:
  backoffLimit: 4
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: ${TOOLS_IMAGE}
        command: [sh, -c, "echo again >> /tries/file; test $(busybox wc -l < /tries/file) -ge 3"]
        volumeMounts: [{name: tries, mountPath: /tries}]
      volumes: [{name: tries, hostPath: {path: "${data}", type: DirectoryOrCreate}}]
`;

/** Two pods that may not both be missing. */
export const ZK = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: zk-pdb}
spec:
  minAvailable: 2
  selector: {matchLabels: {app: zk}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: zk}
spec:
  replicas: 2
  selector: {matchLabels: {app: zk}}
  template:
    metadata: {labels: {app: zk}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: "${TOOLS_IMAGE}", command: [sleep, "100000"]}]
`;

/** A pod that is there and never runs, for what counts pods only. */
export const gatedPod = (name: string, requests: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  schedulingGates: [{name: example.com/never}]
  containers: [{name: main, image: "${TOOLS_IMAGE}", resources: {requests: {${requests}}}}]
`;
