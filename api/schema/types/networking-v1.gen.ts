// Generated from ../groups by `npm run generate`. Do not edit.
import type { IntOrString, StoredMeta } from "../wire-types.js";
import type { TypedLocalObjectReference } from "./core-v1.gen.js";
import type { Condition, LabelSelector } from "./meta-v1.gen.js";

/** Sends the requests for a path to a backend. */
export interface HTTPIngressPath {
  /** Is where the requests go. */
  readonly backend: IngressBackend;
  /** Is the path to match; it begins with a slash. */
  readonly path?: string;
  /** Says how the path matches: Exact, Prefix by segments, or ImplementationSpecific. */
  readonly pathType: string;
}

/** Sends requests on by their paths. */
export interface HTTPIngressRuleValue {
  /** Lists the paths and where they lead. */
  readonly paths: readonly HTTPIngressPath[];
}

/** Says that an address is taken, and by whom; its name is the address. */
export interface IPAddress {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "networking.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "IPAddress";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says who has the address. */
  readonly spec: IPAddressSpec;
}

/** Says who has an address. */
export interface IPAddressSpec {
  /** Refers to who has the address; it never changes. */
  readonly parentRef: ParentReference;
}

/** Is a range of addresses with holes. */
export interface IPBlock {
  /** Is the range, such as 10.0.0.0/8. */
  readonly cidr: string;
  /** Lists ranges within it that do not belong to it. */
  readonly except?: readonly string[];
}

/** Lets HTTP requests from outside reach Services. */
export interface Ingress {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "networking.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "Ingress";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which requests go where. */
  readonly spec: IngressSpec;
  /** Reports where the Ingress is reached. */
  readonly status?: IngressStatus;
}

/** Is where requests go: a Service or another object. */
export interface IngressBackend {
  /** Refers to an object that takes the requests; not together with service. */
  readonly resource?: TypedLocalObjectReference;
  /** Names a Service and its port. */
  readonly service?: IngressServiceBackend;
}

/** Names a controller that serves Ingresses. */
export interface IngressClass {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "networking.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "IngressClass";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Names the controller and what configures it. */
  readonly spec: IngressClassSpec;
}

/** Refers to what configures a controller. */
export interface IngressClassParametersReference {
  /** Is the object's API group; absent means the core group. */
  readonly apiGroup?: string;
  /** Is the object's kind. */
  readonly kind: string;
  /** Is the object's name. */
  readonly name: string;
  /** Is the object's namespace; only with the scope Namespace. */
  readonly namespace?: string;
  /** Says where the object lives: Cluster (the default) or Namespace. */
  readonly scope?: string;
}

/** Names a controller and what configures it. */
export interface IngressClassSpec {
  /** Names the controller behind a domain, such as example.com/ingress; it never changes. */
  readonly controller?: string;
  /** Refers to what configures the controller. */
  readonly parameters?: IngressClassParametersReference;
}

/** Is one place where an Ingress is reached. */
export interface IngressLoadBalancerIngress {
  /** Is its host name. */
  readonly hostname?: string;
  /** Is its address. */
  readonly ip?: string;
  /** Reports on its ports. */
  readonly ports?: readonly IngressPortStatus[];
}

/** Reports where an Ingress is reached. */
export interface IngressLoadBalancerStatus {
  /** Lists the places. */
  readonly ingress?: readonly IngressLoadBalancerIngress[];
}

/** Reports on one port of a load balancer. */
export interface IngressPortStatus {
  /** Gives the cause when the port does not work, as one word. */
  readonly error?: string;
  /** Is the port's number. */
  readonly port: number;
  /** Is its protocol: TCP, UDP or SCTP. */
  readonly protocol: string;
}

/** Sends the requests for a host on. */
export interface IngressRule {
  /** Is the host, perhaps with * as its first label; absent means every host. */
  readonly host?: string;
  /** Says where the paths of the host lead; absent sends all to the default backend. */
  readonly http?: HTTPIngressRuleValue;
}

/** Names a Service that takes requests. */
export interface IngressServiceBackend {
  /** Is the Service's name. */
  readonly name: string;
  /** Chooses one of its ports. */
  readonly port?: ServiceBackendPort;
}

/** Says which requests go where. */
export interface IngressSpec {
  /** Takes the requests that no rule fits. */
  readonly defaultBackend?: IngressBackend;
  /** Names the IngressClass whose controller is to serve this Ingress. */
  readonly ingressClassName?: string;
  /** Lists the hosts and where their paths lead. */
  readonly rules?: readonly IngressRule[];
  /** Lists certificates and the hosts they are for. */
  readonly tls?: readonly IngressTLS[];
}

/** Reports how an Ingress stands. */
export interface IngressStatus {
  /** Says where the Ingress is reached. */
  readonly loadBalancer?: IngressLoadBalancerStatus;
}

/** Says which certificate is for which hosts. */
export interface IngressTLS {
  /** Lists the hosts in the certificate. */
  readonly hosts?: readonly string[];
  /** Names the Secret with certificate and key. */
  readonly secretName?: string;
}

/** Says which traffic some Pods may send and receive. */
export interface NetworkPolicy {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "networking.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "NetworkPolicy";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Chooses the Pods and the traffic. */
  readonly spec: NetworkPolicySpec;
}

/** Allows traffic to some peers on some ports. */
export interface NetworkPolicyEgressRule {
  /** Lists the ports; absent means all. */
  readonly ports?: readonly NetworkPolicyPort[];
  /** Lists the peers; absent means everybody. */
  readonly to?: readonly NetworkPolicyPeer[];
}

/** Allows traffic from some peers on some ports. */
export interface NetworkPolicyIngressRule {
  /** Lists the peers; absent means everybody. */
  readonly from?: readonly NetworkPolicyPeer[];
  /** Lists the ports; absent means all. */
  readonly ports?: readonly NetworkPolicyPort[];
}

/** Chooses who may be talked to. */
export interface NetworkPolicyPeer {
  /** Chooses addresses; not together with the selectors. */
  readonly ipBlock?: IPBlock;
  /** Chooses namespaces. */
  readonly namespaceSelector?: LabelSelector;
  /** Chooses Pods, of this namespace or of those that namespaceSelector chooses. */
  readonly podSelector?: LabelSelector;
}

/** Chooses ports of a protocol. */
export interface NetworkPolicyPort {
  /** Makes a range of the ports from port to this one. */
  readonly endPort?: number;
  /** Is the port's number or name; absent means all. */
  readonly port?: IntOrString;
  /** Is the protocol: TCP (the default), UDP or SCTP. */
  readonly protocol?: string;
}

/** Chooses Pods and the traffic they may have. */
export interface NetworkPolicySpec {
  /** Lists what they may send; an empty list is nothing. */
  readonly egress?: readonly NetworkPolicyEgressRule[];
  /** Lists what they may receive; an empty list is nothing. */
  readonly ingress?: readonly NetworkPolicyIngressRule[];
  /** Chooses the Pods that the policy is about; an empty one means all of the namespace. */
  readonly podSelector?: LabelSelector;
  /** Says which directions the policy is about: Ingress, Egress or both. */
  readonly policyTypes?: readonly string[];
}

/** Refers to an object that something belongs to. */
export interface ParentReference {
  /** Is its API group; empty means the core group. */
  readonly group?: string;
  /** Is its name. */
  readonly name: string;
  /** Is its namespace. */
  readonly namespace?: string;
  /** Is its resource, such as services. */
  readonly resource: string;
}

/** Chooses a port of a Service. */
export interface ServiceBackendPort {
  /** Is the port's name; not together with number. */
  readonly name?: string;
  /** Is the port's number; not together with name. */
  readonly number?: number;
}

/** Is a range of addresses that Services get theirs from. */
export interface ServiceCIDR {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "networking.k8s.io/v1";
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "ServiceCIDR";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says which addresses. */
  readonly spec: ServiceCIDRSpec;
  /** Says whether the range is in use. */
  readonly status?: ServiceCIDRStatus;
}

/** Says which addresses a range holds. */
export interface ServiceCIDRSpec {
  /** Lists the ranges, one or one of each family. */
  readonly cidrs?: readonly string[];
}

/** Says how a range stands. */
export interface ServiceCIDRStatus {
  /** Lists Ready, which says whether addresses are taken from the range. */
  readonly conditions?: readonly Condition[];
}
