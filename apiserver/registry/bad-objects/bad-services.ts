import {
  bad,
  type BadObject,
  banned,
  missing,
  service,
  TEXT,
  twice,
  unknown,
  wrong,
} from "./bad-object.js";

const P = "spec.ports[0]";
const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"] as const;

/** Services that are wrong. */
export const BAD_SERVICES: readonly BadObject[] = [
  bad("service without ports", service({ ports: [] }), missing("spec.ports")),
  bad(
    "port of zero",
    service({ ports: [{ port: 0 }] }),
    wrong(`${P}.port`, 0, TEXT.portNumber),
    wrong(`${P}.targetPort`, 0, TEXT.portNumber),
  ),
  bad(
    "port out of range",
    service({ ports: [{ port: 65_536, targetPort: 80 }] }),
    wrong(`${P}.port`, 65_536, TEXT.portNumber),
  ),
  bad(
    "target port with a bad name",
    service({ ports: [{ port: 80, targetPort: "a_b" }] }),
    wrong(
      `${P}.targetPort`,
      "a_b",
      "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
    ),
  ),
  bad(
    "unknown protocol of a service",
    service({ ports: [{ port: 80, protocol: "HTTP" }] }),
    unknown(`${P}.protocol`, "HTTP", "SCTP", "TCP", "UDP"),
  ),
  bad(
    "two ports without names",
    service({ ports: [{ port: 80 }, { port: 81 }] }),
    missing(`${P}.name`),
    missing("spec.ports[1].name"),
  ),
  bad(
    "two service ports of one name",
    service({
      ports: [
        { port: 80, name: "a" },
        { port: 81, name: "a" },
      ],
    }),
    twice("spec.ports[1].name", "a"),
  ),
  bad(
    "one number twice",
    service({
      ports: [
        { port: 80, name: "a" },
        { port: 80, name: "b" },
      ],
    }),
    twice("spec.ports[1]", { protocol: "TCP", port: 80 }),
  ),
  bad(
    "port name of a service in upper case",
    service({ ports: [{ port: 80, name: "Http" }] }),
    wrong(`${P}.name`, "Http", TEXT.label),
  ),
  bad("unknown type", service({ type: "Public" }), unknown("spec.type", "Public", ...TYPES)),
  bad(
    "node port of an internal service",
    service({ ports: [{ port: 80, nodePort: 30_080 }] }),
    banned(`${P}.nodePort`, "may not be used when `type` is 'ClusterIP'"),
  ),
  bad(
    "selector of a service with a bad value",
    service({ selector: { app: "a b" } }),
    wrong("spec.selector", "a b", TEXT.labelValue),
  ),
  bad(
    "unknown affinity",
    service({ sessionAffinity: "Cookie" }),
    unknown("spec.sessionAffinity", "Cookie", "ClientIP", "None"),
  ),
  bad(
    "affinity for ever",
    service({
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } },
    }),
    wrong(
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
      86_401,
      "must be greater than 0 and less than 86400",
    ),
  ),
  bad(
    "cluster IP that is none",
    service({ clusterIP: "10.0.0" }),
    wrong("spec.clusterIPs[0]", "10.0.0", TEXT.ip),
  ),
  bad(
    "two first cluster IPs",
    service({ clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.8"] }),
    wrong("spec.clusterIPs", ["10.96.0.8"], "first value must match `clusterIP`"),
  ),
  bad(
    "headless node port",
    service({ type: "NodePort", clusterIP: "None" }),
    wrong("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"),
  ),
  bad(
    "unknown IP family",
    service({ ipFamilies: ["IPv5"] }),
    unknown("spec.ipFamilies[0]", "IPv5", "IPv4", "IPv6"),
  ),
  bad(
    "unknown family policy",
    service({ ipFamilyPolicy: "Both" }),
    unknown("spec.ipFamilyPolicy", "Both", "PreferDualStack", "RequireDualStack", "SingleStack"),
  ),
  bad(
    "external IP that is none",
    service({ externalIPs: ["example.com"] }),
    wrong("spec.externalIPs[0]", "example.com", TEXT.ip),
  ),
  bad(
    "external IP of the host itself",
    service({ externalIPs: ["127.0.0.1"] }),
    wrong(
      "spec.externalIPs[0]",
      "127.0.0.1",
      "may not be in the loopback range (127.0.0.0/8, ::1/128)",
    ),
  ),
  bad(
    "external name of nothing",
    service({ type: "ExternalName", ports: [] }),
    missing("spec.externalName"),
  ),
  bad(
    "external name in upper case",
    service({ type: "ExternalName", externalName: "Example.com" }),
    wrong("spec.externalName", "Example.com", TEXT.subdomain),
  ),
  bad(
    "traffic policy of an internal service",
    service({ externalTrafficPolicy: "Local" }),
    wrong(
      "spec.externalTrafficPolicy",
      "Local",
      "may only be set for externally-accessible services",
    ),
  ),
  bad(
    "unknown traffic policy",
    service({ internalTrafficPolicy: "Near" }),
    unknown("spec.internalTrafficPolicy", "Near", "Cluster", "Local"),
  ),
  bad(
    "unknown distribution",
    service({ trafficDistribution: "Near" }),
    unknown("spec.trafficDistribution", "Near", "PreferClose", "PreferSameNode", "PreferSameZone"),
  ),
  bad(
    "source ranges of an internal service",
    service({ loadBalancerSourceRanges: ["10.0.0.0/8"] }),
    banned("spec.LoadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'"),
  ),
  bad(
    "source range that is none",
    service({ type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0"] }),
    wrong("spec.LoadBalancerSourceRanges[0]", "10.0.0.0", TEXT.cidr),
  ),
  bad(
    "class of an internal service",
    service({ loadBalancerClass: "example.com/lb" }),
    banned("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"),
  ),
];
