/** discovery.k8s.io/v1: see ../notation.ts for how to read this. */
export const discoveryV1 = `
group discovery/v1 discovery.k8s.io/v1

kind EndpointSlice endpointslices namespaced

type Endpoint # Is one backend of a Service, usually a Pod, with what is known of its state.
  1 addresses! []string list=set # Lists the addresses of the backend, 1 to 100 of the slice's type; readers use the first.
  2 conditions EndpointConditions # Says whether the backend can be sent traffic.
  3 hostname? string # Is the host name of the backend for DNS; absent means that it has none of its own.
  4 targetRef core/v1.ObjectReference # Points to the object behind the endpoint, usually a Pod.
  5 deprecatedTopology map[string] # Holds topology labels from before nodeName and zone had fields of their own.
  6 nodeName? string # Names the node that the backend runs on; absent when unknown.
  7 zone? string # Names the zone that the backend is in; absent when unknown.
  8 hints EndpointHints # Says which clients should rather use this backend.

type EndpointConditions # Says what state a backend is in.
  1 ready? bool # Is true when new traffic should go to it; absent counts as true.
  2 serving? bool # Is true when it can answer, even while it is ending; absent counts as true.
  3 terminating? bool # Is true when it is being deleted; absent counts as false.

type EndpointHints # Says which clients should rather use a backend.
  1 forZones []ForZone list=atomic # Lists the zones whose clients should use it, at most 8.
  2 forNodes []ForNode list=atomic # Lists the nodes whose clients should use it, at most 8.

type EndpointPort map=atomic # Is a port on which all endpoints of a slice can be reached.
  1 name? string default="" # Is the name of the Service's port, unique within the slice; empty (the default) when there is only one.
  2 protocol? string default="TCP" # Is the transport protocol: TCP (the default), UDP or SCTP.
  3 port? int32 # Is the port's number; absent leaves it to the reader, who must know the Service.
  4 appProtocol? string # Names the protocol above the transport, such as kubernetes.io/h2c; absent when unknown.

type EndpointSlice # Holds part of the backends of a Service; all slices of a Service together are its backends.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 endpoints []Endpoint list=atomic # Lists the backends, at most 1000.
  3 ports []EndpointPort list=atomic # Lists the ports of every backend, at most 100; none means that there is no port to use.
  4 addressType! string # Is the type of all addresses in the slice: IPv4, IPv6 or FQDN; it never changes.

type ForNode # Names a node whose clients should use a backend.
  1 name! string # Is the name of the node.

type ForZone # Names a zone whose clients should use a backend.
  1 name! string # Is the name of the zone.
`;
