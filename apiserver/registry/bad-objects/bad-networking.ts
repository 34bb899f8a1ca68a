import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  missing,
  unknown,
  wrong,
  withSpec,
  TEXT,
} from "./bad-object.js";

function ingress(spec: JsonObject): JsonObject {
  return withSpec("networking.k8s.io/v1", "Ingress", spec);
}

function ingressPath(path: JsonObject): JsonObject {
  return ingress({ rules: [{ http: { paths: [path] } }] });
}

function ingressClass(spec: JsonObject): JsonObject {
  return withSpec("networking.k8s.io/v1", "IngressClass", spec);
}

function netpol(spec: JsonObject): JsonObject {
  return withSpec("networking.k8s.io/v1", "NetworkPolicy", { podSelector: {}, ...spec });
}

const WEB = { service: { name: "web", port: { number: 80 } } };

/** Ingresses, IngressClasses and NetworkPolicies that are wrong. */
export const BAD_NETWORKING: readonly BadObject[] = [
  bad(
    "ingress of nothing",
    ingress({}),
    wrong("spec", null, "either `defaultBackend` or `rules` must be specified"),
  ),
  bad(
    "ingress for an address",
    ingress({ defaultBackend: WEB, rules: [{ host: "10.0.0.1" }] }),
    wrong("spec.rules[0].host", "10.0.0.1", "must be a DNS name, not an IP address"),
  ),
  bad(
    "ingress with a star inside",
    ingress({ defaultBackend: WEB, rules: [{ host: "a.*.example.com" }] }),
    wrong(
      "spec.rules[0].host",
      "a.*.example.com",
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ),
  ),
  bad(
    "path that is relative",
    ingressPath({ path: "web", pathType: "Prefix", backend: WEB }),
    wrong("spec.rules[0].http.paths[0].path", "web", "must be an absolute path"),
  ),
  bad(
    "path without a type",
    ingressPath({ path: "/", backend: WEB }),
    missing("spec.rules[0].http.paths[0].pathType"),
  ),
  bad(
    "path of an unknown type",
    ingressPath({ path: "/", pathType: "Suffix", backend: WEB }),
    unknown(
      "spec.rules[0].http.paths[0].pathType",
      "Suffix",
      "Exact",
      "ImplementationSpecific",
      "Prefix",
    ),
  ),
  bad(
    "path that climbs",
    ingressPath({ path: "/a/../b//..", pathType: "Exact", backend: WEB }),
    wrong("spec.rules[0].http.paths[0].path", "/a/../b//..", "must not contain '//'"),
    wrong("spec.rules[0].http.paths[0].path", "/a/../b//..", "must not contain '/../'"),
    wrong("spec.rules[0].http.paths[0].path", "/a/../b//..", "cannot end with '/..'"),
  ),
  bad(
    "backend of nothing",
    ingressPath({ path: "/", pathType: "Prefix", backend: {} }),
    wrong("spec.rules[0].http.paths[0].backend", "", "resource or service backend is required"),
  ),
  bad(
    "backend without a port",
    ingressPath({ path: "/", pathType: "Prefix", backend: { service: { name: "web" } } }),
    missing("spec.rules[0].http.paths[0].backend", "port name or number is required"),
  ),
  bad(
    "backend with two ports",
    ingressPath({
      path: "/",
      pathType: "Prefix",
      backend: { service: { name: "web", port: { name: "http", number: 80 } } },
    }),
    wrong("spec.rules[0].http.paths[0].backend", "", "cannot set both port name & port number"),
  ),
  bad(
    "backend of both kinds",
    ingressPath({
      path: "/",
      pathType: "Prefix",
      backend: {
        service: { name: "web", port: { number: 80 } },
        resource: { kind: "Bucket", name: "b" },
      },
    }),
    wrong(
      "spec.rules[0].http.paths[0].backend",
      "",
      "cannot set both resource and service backends",
    ),
  ),
  bad(
    "certificate with a bad name",
    ingress({ defaultBackend: WEB, tls: [{ hosts: ["Example.com"], secretName: "Bad" }] }),
    wrong("spec.tls[0].hosts[0]", "Example.com", TEXT.subdomain),
    wrong("spec.tls[0].secretName", "Bad", TEXT.subdomain),
  ),
  bad("class without a controller", ingressClass({}), missing("spec.controller")),
  bad(
    "class with a controller of no domain",
    ingressClass({ controller: "mine" }),
    wrong("spec.controller", "mine", 'must be a domain-prefixed path (such as "acme.io/foo")'),
  ),
  bad(
    "class parameters of no kind",
    ingressClass({ controller: "example.com/x", parameters: { kind: "", name: "p" } }),
    missing("spec.parameters.kind"),
  ),
  bad(
    "cluster parameters in a namespace",
    ingressClass({
      controller: "example.com/x",
      parameters: { kind: "P", name: "p", namespace: "default" },
    }),
    banned("spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'"),
  ),
  bad(
    "namespaced parameters of no namespace",
    ingressClass({
      controller: "example.com/x",
      parameters: { kind: "P", name: "p", scope: "Namespace" },
    }),
    missing("spec.parameters.namespace", "`parameters.scope` is set to 'Namespace'"),
  ),
  bad(
    "class parameters of an unknown scope",
    ingressClass({
      controller: "example.com/x",
      parameters: { kind: "P", name: "p", scope: "World" },
    }),
    unknown("spec.parameters.scope", "World", "Cluster", "Namespace"),
  ),
  bad(
    "policy for nobody",
    netpol({ ingress: [{ from: [{}] }] }),
    missing("spec.ingress[0].from[0]", "must specify a peer"),
  ),
  bad(
    "policy for a block and pods",
    netpol({ ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }] }] }),
    banned("spec.ingress[0].from[0]", "may not specify both ipBlock and another peer"),
  ),
  bad(
    "policy for a bad block",
    netpol({ egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0" } }] }] }),
    wrong("spec.egress[0].to[0].ipBlock.cidr", "10.0.0.0", TEXT.cidr),
  ),
  bad(
    "exception outside the block",
    netpol({
      egress: [
        { to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16", "11.0.0.0/16"] } }] },
      ],
    }),
    wrong(
      "spec.egress[0].to[0].ipBlock.except[1]",
      "11.0.0.0/16",
      "must be a strict subset of `cidr`",
    ),
  ),
  bad(
    "policy for a bad port",
    netpol({
      ingress: [
        {
          ports: [
            { port: 70000 },
            { port: 80, endPort: 70 },
            { port: "http", endPort: 80 },
            { protocol: "ICMP" },
          ],
        },
      ],
    }),
    wrong("spec.ingress[0].ports[0].port", 70000, TEXT.portNumber),
    wrong("spec.ingress[0].ports[1].endPort", 70, "must be greater than or equal to `port`"),
    wrong(
      "spec.ingress[0].ports[2].endPort",
      80,
      "may not be specified when `port` is non-numeric",
    ),
    unknown("spec.ingress[0].ports[3].protocol", "ICMP", "TCP", "UDP", "SCTP"),
  ),
  bad(
    "policy of an unknown type",
    netpol({ policyTypes: ["Sideways"] }),
    unknown("spec.policyTypes[0]", "Sideways", "Ingress", "Egress"),
  ),
];
