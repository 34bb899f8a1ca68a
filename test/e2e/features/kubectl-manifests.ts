import type { Session } from "../kubectl-steps/step.js";
import type { Typist } from "../kubectl-steps/typists.js";

export const IMAGE = "localhost/raftsman/busybox:1";

/** What surrounds the lines of one kubectl in the shared cluster. */
export interface ContainerSession extends Typist, Pick<Session, "t" | "kubectl"> {
  /** Its namespace and its Deployment. */
  readonly name: string;
  readonly ns: readonly string[];
  /** A folder for its files. */
  readonly home: string;
}

/** Two pods of two containers; one goes on talking. */
export const talkers = (name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, labels: {app: ${name}, tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}, tier: front}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: ${IMAGE}
        command: ["sh", "-c", "trap 'exit 0' TERM; i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done"]
      - name: side
        image: ${IMAGE}
        command: ["sh", "-c", "echo side is here; trap 'exit 0' TERM; while true; do sleep 0.2; done"]
`;

export const configMap = (name: string): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, labels: {app: ${name}}}
data: {a: "1"}
`;

/** One that repeats what it reads, and one that serves a page and answers a line. */
export const CONNECTION_PODS = `
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${IMAGE}
    stdin: true
    stdinOnce: true
    command: ["sh", "-c", "while read line; do echo got $line; done; echo ended"]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: ${IMAGE}
    command: ["sh", "-c", "echo the page > /www/index.html; nc -ll -p 7001 -e sh -c 'read x; echo got $x' & exec httpd -f -p 7000 -h /www"]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 7000}]
`;
