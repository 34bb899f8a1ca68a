import {
  bad,
  type BadObject,
  banned,
  missing,
  pod,
  TEXT,
  twice,
  unknown,
  wrong,
} from "./bad-object.js";

const C = "spec.containers[0]";
const exec = { exec: { command: ["true"] } };
const PULL = ["Always", "IfNotPresent", "Never"] as const;

/** Pods whose containers are wrong. */
export const BAD_PODS: readonly BadObject[] = [
  bad("no containers", pod({}, { containers: [] }), missing("spec.containers")),
  bad("container without a name", pod({ name: "" }), missing(`${C}.name`)),
  bad("container name in upper case", pod({ name: "Web" }), wrong(`${C}.name`, "Web", TEXT.label)),
  bad(
    "container name with dots",
    pod({ name: "web.v1" }),
    wrong(`${C}.name`, "web.v1", "must not contain dots"),
  ),
  bad(
    "two containers of one name",
    pod(
      {},
      {
        containers: [
          { name: "c", image: "a" },
          { name: "c", image: "b" },
        ],
      },
    ),
    twice("spec.containers[1].name", "c"),
  ),
  bad("container without an image", pod({ image: "" }), missing(`${C}.image`)),
  bad(
    "image with a space before it",
    pod({ image: " nginx" }),
    wrong(`${C}.image`, " nginx", "must not have leading or trailing whitespace"),
  ),
  bad(
    "image with a space behind it",
    pod({ image: "nginx:1.7.9 " }),
    wrong(`${C}.image`, "nginx:1.7.9 ", "must not have leading or trailing whitespace"),
  ),
  bad(
    "unknown pull policy",
    pod({ imagePullPolicy: "Sometimes" }),
    unknown(`${C}.imagePullPolicy`, "Sometimes", ...PULL),
  ),
  bad(
    "unknown termination message policy",
    pod({ terminationMessagePolicy: "Mail" }),
    unknown(`${C}.terminationMessagePolicy`, "Mail", "File", "FallbackToLogsOnError"),
  ),
  bad(
    "no container port",
    pod({ ports: [{ hostPort: 80 }] }),
    missing(`${C}.ports[0].containerPort`),
  ),
  bad(
    "port above the range",
    pod({ ports: [{ containerPort: 65_536 }] }),
    wrong(`${C}.ports[0].containerPort`, 65_536, TEXT.portNumber),
  ),
  bad(
    "negative port",
    pod({ ports: [{ containerPort: -1 }] }),
    wrong(`${C}.ports[0].containerPort`, -1, TEXT.portNumber),
  ),
  bad(
    "host port above the range",
    pod({ ports: [{ containerPort: 80, hostPort: 70_000 }] }),
    wrong(`${C}.ports[0].hostPort`, 70_000, TEXT.portNumber),
  ),
  bad(
    "unknown protocol",
    pod({ ports: [{ containerPort: 80, protocol: "HTTP" }] }),
    unknown(`${C}.ports[0].protocol`, "HTTP", "SCTP", "TCP", "UDP"),
  ),
  bad(
    "port name that is too long",
    pod({ ports: [{ containerPort: 80, name: "a-very-long-port-name" }] }),
    wrong(`${C}.ports[0].name`, "a-very-long-port-name", "must be no more than 15 characters"),
  ),
  bad(
    "port name in upper case",
    pod({ ports: [{ containerPort: 80, name: "Http" }] }),
    wrong(
      `${C}.ports[0].name`,
      "Http",
      "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    ),
  ),
  bad(
    "port name without a letter",
    pod({ ports: [{ containerPort: 80, name: "80" }] }),
    wrong(`${C}.ports[0].name`, "80", "must contain at least one letter (a-z)"),
  ),
  bad(
    "port name with two hyphens",
    pod({ ports: [{ containerPort: 80, name: "a--b" }] }),
    wrong(`${C}.ports[0].name`, "a--b", "must not contain consecutive hyphens"),
  ),
  bad(
    "two ports of one name",
    pod({
      ports: [
        { containerPort: 80, name: "web" },
        { containerPort: 81, name: "web" },
      ],
    }),
    twice(`${C}.ports[1].name`, "web"),
  ),
  bad(
    "one host port for two ports",
    pod({
      ports: [
        { containerPort: 80, hostPort: 8080 },
        { containerPort: 81, hostPort: 8080 },
      ],
    }),
    twice(`${C}.ports[1].hostPort`, "TCP//8080"),
  ),
  bad(
    "another host port on the host's network",
    pod({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
    wrong(`${C}.ports[0].hostPort`, 81, "must match `containerPort` when `hostNetwork` is true"),
  ),
  bad("variable without a name", pod({ env: [{ name: "" }] }), missing(`${C}.env[0].name`)),
  bad(
    "variable with an equals sign",
    pod({ env: [{ name: "A=B" }] }),
    wrong(
      `${C}.env[0].name`,
      "A=B",
      "a valid environment variable name must consist only of printable ASCII characters " +
        "other than '='",
    ),
  ),
  bad(
    "variable with a value and a source",
    pod({
      env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    }),
    wrong(`${C}.env[0].valueFrom`, "", "may not be specified when `value` is not empty"),
  ),
  bad(
    "variable from nothing",
    pod({ env: [{ name: "A", valueFrom: {} }] }),
    wrong(
      `${C}.env[0].valueFrom`,
      "",
      "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, " +
        "`secretKeyRef` or `fileKeyRef`",
    ),
  ),
  bad(
    "variable from two sources",
    pod({
      env: [
        {
          name: "A",
          valueFrom: {
            configMapKeyRef: { name: "m", key: "k" },
            secretKeyRef: { name: "s", key: "k" },
          },
        },
      ],
    }),
    wrong(`${C}.env[0].valueFrom`, "", "may not have more than one field specified at a time"),
  ),
  bad(
    "variable from an unknown field",
    pod({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.color" } } }] }),
    wrong(
      `${C}.env[0].valueFrom.fieldRef.fieldPath`,
      "spec.color",
      "error converting fieldPath: field label not supported: spec.color",
    ),
  ),
  bad(
    "variable from a field that only files show",
    pod({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } }] }),
    unknown(
      `${C}.env[0].valueFrom.fieldRef.fieldPath`,
      "metadata.labels",
      "metadata.name",
      "metadata.namespace",
      "metadata.uid",
      "spec.nodeName",
      "spec.serviceAccountName",
      "status.hostIP",
      "status.hostIPs",
      "status.podIP",
      "status.podIPs",
    ),
  ),
  bad(
    "variable from a key with a space",
    pod({ env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "m", key: "a b" } } }] }),
    wrong(`${C}.env[0].valueFrom.configMapKeyRef.key`, "a b", TEXT.configKey),
  ),
  bad(
    "variable from no key",
    pod({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "" } } }] }),
    missing(`${C}.env[0].valueFrom.secretKeyRef.key`),
  ),
  bad(
    "variable from an unknown resource",
    pod({ env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.gpu" } } }] }),
    unknown(
      `${C}.env[0].valueFrom.resourceFieldRef.resource`,
      "limits.gpu",
      "limits.cpu",
      "limits.ephemeral-storage",
      "limits.memory",
      "requests.cpu",
      "requests.ephemeral-storage",
      "requests.memory",
    ),
  ),
  bad(
    "cpu divided by bytes",
    pod({
      env: [
        { name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1Mi" } } },
      ],
    }),
    wrong(
      `${C}.env[0].valueFrom.resourceFieldRef.divisor`,
      "limits.cpu",
      "only divisor's values 1m and 1 are supported with the cpu resource",
    ),
  ),
  bad(
    "variables from nothing",
    pod({ envFrom: [{}] }),
    wrong(`${C}.envFrom`, "", "must specify one of: `configMapRef` or `secretRef`"),
  ),
  bad(
    "variables from a map without a name",
    pod({ envFrom: [{ configMapRef: { name: "" } }] }),
    missing(`${C}.envFrom[0].configMapRef.name`),
  ),
  bad(
    "probe without a handler",
    pod({ livenessProbe: { periodSeconds: 5 } }),
    missing(`${C}.livenessProbe`, "must specify a handler type"),
  ),
  bad(
    "probe with two handlers",
    pod({ livenessProbe: { ...exec, tcpSocket: { port: 80 } } }),
    banned(`${C}.livenessProbe.tcpSocket`, "may not specify more than 1 handler type"),
  ),
  bad(
    "probe with an empty command",
    pod({ livenessProbe: { exec: { command: [] } } }),
    missing(`${C}.livenessProbe.exec.command`),
  ),
  bad(
    "probe of a port out of range",
    pod({ readinessProbe: { httpGet: { port: 0 } } }),
    wrong(`${C}.readinessProbe.httpGet.port`, 0, TEXT.portNumber),
  ),
  bad(
    "probe of a port with a bad name",
    pod({ readinessProbe: { tcpSocket: { port: "HTTP" } } }),
    wrong(
      `${C}.readinessProbe.tcpSocket.port`,
      "HTTP",
      "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    ),
    wrong(`${C}.readinessProbe.tcpSocket.port`, "HTTP", "must contain at least one letter (a-z)"),
  ),
  bad(
    "probe by an unknown scheme",
    pod({ readinessProbe: { httpGet: { port: 80, scheme: "FTP" } } }),
    unknown(`${C}.readinessProbe.httpGet.scheme`, "FTP", "HTTP", "HTTPS"),
  ),
  bad(
    "probe with a bad header",
    pod({ readinessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "X Y", value: "" }] } } }),
    wrong(
      `${C}.readinessProbe.httpGet.httpHeaders`,
      "X Y",
      "a valid HTTP header must consist of alphanumeric characters or '-' " +
        "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
    ),
  ),
  bad(
    "probe with a negative delay",
    pod({ livenessProbe: { ...exec, initialDelaySeconds: -1 } }),
    wrong(`${C}.livenessProbe.initialDelaySeconds`, -1, TEXT.negative),
  ),
  bad(
    "liveness that must succeed twice",
    pod({ livenessProbe: { ...exec, successThreshold: 2 } }),
    wrong(`${C}.livenessProbe.successThreshold`, 2, "must be 1"),
  ),
  bad(
    "grace period of a readiness probe",
    pod({ readinessProbe: { ...exec, terminationGracePeriodSeconds: 5 } }),
    wrong(
      `${C}.readinessProbe.terminationGracePeriodSeconds`,
      5,
      "must not be set for readinessProbes",
    ),
  ),
  bad(
    "hook without a handler",
    pod({ lifecycle: { preStop: {} } }),
    missing(`${C}.lifecycle.preStop`, "must specify a handler type"),
  ),
  bad(
    "sleep beyond the grace period",
    pod({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
    wrong(
      `${C}.lifecycle.preStop.sleep`,
      31,
      "must be non-negative and less than terminationGracePeriodSeconds (30)",
    ),
  ),
  bad(
    "stop signal without an operating system",
    pod({ lifecycle: { stopSignal: "SIGUSR1" } }),
    banned(
      `${C}.lifecycle.stopSignal`,
      "may not be set for containers with an empty `spec.os.name`",
    ),
  ),
  bad(
    "probe of an init container",
    pod({}, { initContainers: [{ name: "i", image: "busybox", livenessProbe: exec }] }),
    banned(
      "spec.initContainers[0].livenessProbe",
      "may not be set for init containers without restartPolicy=Always",
    ),
  ),
  bad(
    "init container with the name of a container",
    pod({}, { initContainers: [{ name: "c", image: "busybox" }] }),
    twice("spec.initContainers[0].name", "c"),
  ),
  bad(
    "unknown restart policy of a container",
    pod({ restartPolicy: "Maybe" }),
    unknown(`${C}.restartPolicy`, "Maybe", "Always", "Never", "OnFailure"),
  ),
  bad(
    "request above its limit",
    pod({ resources: { requests: { cpu: "2" }, limits: { cpu: "500m" } } }),
    wrong(`${C}.resources.requests`, "2", "must be less than or equal to cpu limit of 500m"),
  ),
  bad(
    "negative amount",
    pod({ resources: { limits: { memory: "-1Gi" } } }),
    wrong(`${C}.resources.limits[memory]`, "-1Gi", TEXT.negative),
    wrong(`${C}.resources.requests[memory]`, "-1Gi", TEXT.negative),
  ),
  bad(
    "resource that no container has",
    pod({ resources: { limits: { pods: "1" } } }),
    wrong(`${C}.resources.limits[pods]`, "pods", "must be a standard resource for containers"),
    wrong(`${C}.resources.requests[pods]`, "pods", "must be a standard resource for containers"),
  ),
  bad(
    "resource without a domain",
    pod({ resources: { requests: { gpu: "1" } } }),
    wrong(
      `${C}.resources.requests[gpu]`,
      "gpu",
      "must be a standard resource type or fully qualified",
    ),
    wrong(`${C}.resources.requests[gpu]`, "gpu", "must be a standard resource for containers"),
  ),
  bad(
    "half a device",
    pod({
      resources: { limits: { "example.com/gpu": "500m" }, requests: { "example.com/gpu": "500m" } },
    }),
    wrong(`${C}.resources.limits[example.com/gpu]`, "500m", "must be an integer"),
    wrong(`${C}.resources.requests[example.com/gpu]`, "500m", "must be an integer"),
  ),
  bad(
    "device requested without a limit",
    pod({ resources: { requests: { "example.com/gpu": "1" } } }),
    missing(`${C}.resources.limits`, "Limit must be set for non overcommitable resources"),
  ),
  bad(
    "fewer devices than the limit",
    pod({
      resources: { limits: { "example.com/gpu": "2" }, requests: { "example.com/gpu": "1" } },
    }),
    wrong(`${C}.resources.requests`, "1", "must be equal to example.com/gpu limit of 2"),
  ),
  bad(
    "user that does not exist",
    pod({ securityContext: { runAsUser: -1 } }),
    wrong(`${C}.securityContext.runAsUser`, -1, "must be between 0 and 2147483647, inclusive"),
  ),
  bad(
    "privileged without escalation",
    pod({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    wrong(
      `${C}.securityContext`,
      { privileged: true, allowPrivilegeEscalation: false },
      "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    ),
  ),
  bad(
    "unknown proc mount",
    pod({ securityContext: { procMount: "Open" } }),
    unknown(`${C}.securityContext.procMount`, "Open", "Default", "Unmasked"),
  ),
  bad(
    "seccomp profile of no type",
    pod({ securityContext: { seccompProfile: { type: "" } } }),
    missing(
      `${C}.securityContext.seccompProfile.type`,
      "type is required when seccompProfile is set",
    ),
  ),
  bad(
    "local seccomp profile without a file",
    pod({ securityContext: { seccompProfile: { type: "Localhost" } } }),
    missing(
      `${C}.securityContext.seccompProfile.localhostProfile`,
      "must be set when seccomp type is Localhost",
    ),
  ),
];
