// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";
import type { ObjectReference } from "./core-v1.gen.js";

/** Is one backend of a Service, usually a Pod, with what is known of its state. */
export interface Endpoint {
  /** Lists the addresses of the backend, 1 to 100 of the slice's type; readers use the first. */
  readonly addresses: readonly string[];
  /** Says whether the backend can be sent traffic. */
  readonly conditions?: EndpointConditions;
  /** Holds topology labels from before nodeName and zone had fields of their own. */
  readonly deprecatedTopology?: { readonly [key: string]: string };
  /** Says which clients should rather use this backend. */
  readonly hints?: EndpointHints;
  /** Is the host name of the backend for DNS; absent means that it has none of its own. */
  readonly hostname?: string;
  /** Names the node that the backend runs on; absent when unknown. */
  readonly nodeName?: string;
  /** Points to the object behind the endpoint, usually a Pod. */
  readonly targetRef?: ObjectReference;
  /** Names the zone that the backend is in; absent when unknown. */
  readonly zone?: string;
}

/** Says what state a backend is in. */
export interface EndpointConditions {
  /** Is true when new traffic should go to it; absent counts as true. */
  readonly ready?: boolean;
  /** Is true when it can answer, even while it is ending; absent counts as true. */
  readonly serving?: boolean;
  /** Is true when it is being deleted; absent counts as false. */
  readonly terminating?: boolean;
}

/** Says which clients should rather use a backend. */
export interface EndpointHints {
  /** Lists the nodes whose clients should use it, at most 8. */
  readonly forNodes?: readonly ForNode[];
  /** Lists the zones whose clients should use it, at most 8. */
  readonly forZones?: readonly ForZone[];
}

/** Is a port on which all endpoints of a slice can be reached. */
export interface EndpointPort {
  /** Names the protocol above the transport, such as kubernetes.io/h2c; absent when unknown. */
  readonly appProtocol?: string;
  /** Is the name of the Service's port, unique within the slice; empty (the default) when there is only one. */
  readonly name?: string;
  /** Is the port's number; absent leaves it to the reader, who must know the Service. */
  readonly port?: number;
  /** Is the transport protocol: TCP (the default), UDP or SCTP. */
  readonly protocol?: string;
}

/** Holds part of the backends of a Service; all slices of a Service together are its backends. */
export interface EndpointSlice {
  /** Is the type of all addresses in the slice: IPv4, IPv6 or FQDN; it never changes. */
  readonly addressType: string;
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "discovery.k8s.io/v1";
  /** Lists the backends, at most 1000. */
  readonly endpoints?: readonly Endpoint[];
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "EndpointSlice";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Lists the ports of every backend, at most 100; none means that there is no port to use. */
  readonly ports?: readonly EndpointPort[];
}

/** Names a node whose clients should use a backend. */
export interface ForNode {
  /** Is the name of the node. */
  readonly name: string;
}

/** Names a zone whose clients should use a backend. */
export interface ForZone {
  /** Is the name of the zone. */
  readonly name: string;
}
