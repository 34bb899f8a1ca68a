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

const NODE_TERMS =
  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
const POD_TERMS = "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution";
const POD_WISH = "spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0]";

const nodeTerm = (requirement: { key: string; operator: string; values?: string[] }) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [requirement] }],
      },
    },
  },
});
const spread = (constraint: { [field: string]: string | number }) => ({
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", ...constraint },
  ],
});

/** Pods whose spec is wrong outside their containers. */
export const BAD_POD_SPECS: readonly BadObject[] = [
  bad(
    "unknown restart policy",
    pod({}, { restartPolicy: "Sometimes" }),
    unknown("spec.restartPolicy", "Sometimes", "Always", "OnFailure", "Never"),
  ),
  bad(
    "unknown DNS policy",
    pod({}, { dnsPolicy: "Fast" }),
    unknown("spec.dnsPolicy", "Fast", "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
  ),
  bad(
    "no DNS at all",
    pod({}, { dnsPolicy: "None" }),
    missing("spec.dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None"),
  ),
  bad(
    "DNS without a server",
    pod({}, { dnsPolicy: "None", dnsConfig: {} }),
    missing(
      "spec.dnsConfig.nameservers",
      "must provide at least one DNS nameserver when `dnsPolicy` is None",
    ),
  ),
  bad(
    "DNS server by name",
    pod({}, { dnsConfig: { nameservers: ["dns.example.com"] } }),
    wrong("spec.dnsConfig.nameservers[0]", "dns.example.com", TEXT.ip),
  ),
  bad(
    "four DNS servers",
    pod({}, { dnsConfig: { nameservers: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] } }),
    wrong(
      "spec.dnsConfig.nameservers",
      ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"],
      "must not have more than 3 nameservers",
    ),
  ),
  bad(
    "DNS option without a name",
    pod({}, { dnsConfig: { options: [{ value: "2" }] } }),
    missing("spec.dnsConfig.options[0]", "must not be empty"),
  ),
  bad(
    "node selector with a bad value",
    pod({}, { nodeSelector: { disk: "a b" } }),
    wrong("spec.nodeSelector", "a b", TEXT.labelValue),
  ),
  bad(
    "node name in upper case",
    pod({}, { nodeName: "Node1" }),
    wrong("spec.nodeName", "Node1", TEXT.subdomain),
  ),
  bad(
    "service account in upper case",
    pod({}, { serviceAccountName: "Builder" }),
    wrong("spec.serviceAccountName", "Builder", TEXT.subdomain),
  ),
  bad(
    "hostname with dots",
    pod({}, { hostname: "a.b" }),
    wrong("spec.hostname", "a.b", "must not contain dots"),
  ),
  bad(
    "subdomain in upper case",
    pod({}, { subdomain: "Web" }),
    wrong("spec.subdomain", "Web", TEXT.label),
  ),
  bad(
    "deadline of zero",
    pod({}, { activeDeadlineSeconds: 0 }),
    wrong("spec.activeDeadlineSeconds", 0, "must be between 1 and 2147483647, inclusive"),
  ),
  bad(
    "host alias without an address",
    pod({}, { hostAliases: [{ ip: "localhost", hostnames: ["a"] }] }),
    wrong("spec.hostAliases[0].ip", "localhost", TEXT.ip),
  ),
  bad(
    "host alias with a bad name",
    pod({}, { hostAliases: [{ ip: "10.0.0.1", hostnames: ["A"] }] }),
    wrong("spec.hostAliases[0].hostnames[0]", "A", TEXT.subdomain),
  ),
  bad(
    "toleration of no key",
    pod({}, { tolerations: [{ operator: "Equal", value: "x" }] }),
    wrong(
      "spec.tolerations[0].operator",
      "Equal",
      'operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ),
  ),
  bad(
    "toleration that exists with a value",
    pod({}, { tolerations: [{ key: "k", operator: "Exists", value: "x" }] }),
    wrong("spec.tolerations[0].operator", "x", "value must be empty when `operator` is 'Exists'"),
  ),
  bad(
    "toleration of an unknown effect",
    pod({}, { tolerations: [{ key: "k", operator: "Exists", effect: "Never" }] }),
    unknown("spec.tolerations[0].effect", "Never", "NoSchedule", "PreferNoSchedule", "NoExecute"),
  ),
  bad(
    "toleration for a while of the wrong effect",
    pod(
      {},
      {
        tolerations: [{ key: "k", operator: "Exists", effect: "NoSchedule", tolerationSeconds: 5 }],
      },
    ),
    wrong(
      "spec.tolerations[0].effect",
      "NoSchedule",
      "effect must be 'NoExecute' when `tolerationSeconds` is set",
    ),
  ),
  bad(
    "node affinity without terms",
    pod(
      {},
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] },
          },
        },
      },
    ),
    missing(NODE_TERMS, "must have at least one node selector term"),
  ),
  bad(
    "node affinity in nothing",
    pod({}, nodeTerm({ key: "zone", operator: "In" })),
    missing(
      `${NODE_TERMS}[0].matchExpressions[0].values`,
      "must be specified when `operator` is 'In' or 'NotIn'",
    ),
  ),
  bad(
    "node affinity of an unknown operator",
    pod({}, nodeTerm({ key: "zone", operator: "Like", values: ["a"] })),
    wrong(`${NODE_TERMS}[0].matchExpressions[0].operator`, "Like", "not a valid selector operator"),
  ),
  bad(
    "node affinity greater than two values",
    pod({}, nodeTerm({ key: "cores", operator: "Gt", values: ["1", "2"] })),
    missing(
      `${NODE_TERMS}[0].matchExpressions[0].values`,
      "must be specified single value when `operator` is 'Lt' or 'Gt'",
    ),
  ),
  bad(
    "node affinity that exists with values",
    pod({}, nodeTerm({ key: "zone", operator: "Exists", values: ["a"] })),
    banned(
      `${NODE_TERMS}[0].matchExpressions[0].values`,
      "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ),
  ),
  bad(
    "pod affinity without a topology",
    pod(
      {},
      {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { app: "web" } }, topologyKey: "" },
            ],
          },
        },
      },
    ),
    missing(`${POD_TERMS}[0].topologyKey`, "can not be empty"),
    wrong(`${POD_TERMS}[0].topologyKey`, "", "name part must be non-empty"),
    wrong(`${POD_TERMS}[0].topologyKey`, "", TEXT.qualified),
  ),
  bad(
    "pod affinity of no weight",
    pod(
      {},
      {
        affinity: {
          podAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 101, podAffinityTerm: { topologyKey: "zone" } },
            ],
          },
        },
      },
    ),
    wrong(`${POD_WISH}.weight`, 101, "must be in the range 1-100"),
  ),
  bad(
    "preferred pod affinity without a term",
    pod(
      {},
      {
        affinity: {
          podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }] },
        },
      },
    ),
    missing(`${POD_WISH}.podAffinityTerm.topologyKey`, "can not be empty"),
    wrong(`${POD_WISH}.podAffinityTerm.topologyKey`, "", "name part must be non-empty"),
    wrong(`${POD_WISH}.podAffinityTerm.topologyKey`, "", TEXT.qualified),
  ),
  bad(
    "spread with no skew",
    pod({}, spread({ maxSkew: 0 })),
    wrong("spec.topologySpreadConstraints[0].maxSkew", 0, "must be greater than zero"),
  ),
  bad(
    "spread over nothing",
    pod({}, spread({ topologyKey: "" })),
    missing("spec.topologySpreadConstraints[0].topologyKey", "can not be empty"),
  ),
  bad(
    "spread of an unknown action",
    pod({}, spread({ whenUnsatisfiable: "Wait" })),
    unknown(
      "spec.topologySpreadConstraints[0].whenUnsatisfiable",
      "Wait",
      "DoNotSchedule",
      "ScheduleAnyway",
    ),
  ),
  bad(
    "spread with domains that nobody needs",
    pod({}, spread({ whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 })),
    wrong(
      "spec.topologySpreadConstraints[0].minDomains",
      2,
      "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
    ),
  ),
  bad(
    "readiness gate without a type",
    pod({}, { readinessGates: [{ conditionType: "a b" }] }),
    wrong("spec.readinessGates[0].conditionType", "a b", TEXT.qualified),
  ),
  bad(
    "one scheduling gate twice",
    pod({}, { schedulingGates: [{ name: "g" }, { name: "g" }] }),
    twice("spec.schedulingGates[1]", "g"),
  ),
  bad(
    "gated pod with a node",
    pod({}, { schedulingGates: [{ name: "g" }], nodeName: "n1" }),
    banned("spec.nodeName", "cannot be set until all schedulingGates have been cleared"),
  ),
  bad(
    "sysctl in upper case",
    pod({}, { securityContext: { sysctls: [{ name: "Net.Core", value: "1" }] } }),
    wrong(
      "spec.securityContext.sysctls[0].name",
      "Net.Core",
      "must have at most 253 characters and match regex " +
        "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$",
    ),
  ),
  bad(
    "the host's sysctl",
    pod(
      {},
      {
        hostNetwork: true,
        securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "1" }] },
      },
    ),
    wrong(
      "spec.securityContext.sysctls[0].name",
      "net.core.somaxconn",
      "may not be specified when 'hostNetwork' is true",
    ),
  ),
  bad(
    "group that does not exist",
    pod({}, { securityContext: { fsGroup: -5 } }),
    wrong("spec.securityContext.fsGroup", -5, "must be between 0 and 2147483647, inclusive"),
  ),
  bad(
    "users of its own on the host's network",
    pod({}, { hostUsers: false, hostNetwork: true }),
    banned("spec.hostNetwork", "when `pod.Spec.HostUsers` is false"),
  ),
  bad(
    "unknown operating system",
    pod({}, { os: { name: "plan9" } }),
    unknown("spec.os", "plan9", "linux", "windows"),
  ),
  bad(
    "Linux ids for Windows",
    pod({}, { os: { name: "windows" }, securityContext: { runAsUser: 0 } }),
    banned("spec.securityContext.runAsUser", "cannot be set for a windows pod"),
  ),
];
