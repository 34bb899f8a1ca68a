/** networking.k8s.io/v1: see ../notation.ts for how to read this. */
export const networkingV1 = `
group networking/v1 networking.k8s.io/v1

kind Ingress ingresses namespaced short=ing
  sub status Ingress get patch update
kind IngressClass ingressclasses cluster
kind IPAddress ipaddresses cluster short=ip
kind NetworkPolicy networkpolicies namespaced short=netpol
kind ServiceCIDR servicecidrs cluster
  sub status ServiceCIDR get patch update

type HTTPIngressPath # Sends the requests for a path to a backend.
  1 path string # Is the path to match; it begins with a slash.
  2 backend! IngressBackend # Is where the requests go.
  3 pathType!? string # Says how the path matches: Exact, Prefix by segments, or ImplementationSpecific.

type HTTPIngressRuleValue # Sends requests on by their paths.
  1 paths! []HTTPIngressPath list=atomic # Lists the paths and where they lead.

type IPAddress # Says that an address is taken, and by whom; its name is the address.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! IPAddressSpec # Says who has the address.

type IPAddressSpec # Says who has an address.
  1 parentRef! ParentReference # Refers to who has the address; it never changes.

type IPBlock # Is a range of addresses with holes.
  1 cidr! string # Is the range, such as 10.0.0.0/8.
  2 except []string list=atomic # Lists ranges within it that do not belong to it.

type Ingress # Lets HTTP requests from outside reach Services.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec IngressSpec # Says which requests go where.
  3 status IngressStatus default={} # Reports where the Ingress is reached.

type IngressBackend # Is where requests go: a Service or another object.
  3 resource core/v1.TypedLocalObjectReference # Refers to an object that takes the requests; not together with service.
  4 service IngressServiceBackend # Names a Service and its port.

type IngressClass # Names a controller that serves Ingresses.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec IngressClassSpec # Names the controller and what configures it.

type IngressClassParametersReference # Refers to what configures a controller.
  1 apiGroup? string # Is the object's API group; absent means the core group.
  2 kind! string # Is the object's kind.
  3 name! string # Is the object's name.
  4 scope? string default="Cluster" # Says where the object lives: Cluster (the default) or Namespace.
  5 namespace? string # Is the object's namespace; only with the scope Namespace.

type IngressClassSpec # Names a controller and what configures it.
  1 controller string # Names the controller behind a domain, such as example.com/ingress; it never changes.
  2 parameters IngressClassParametersReference # Refers to what configures the controller.

type IngressLoadBalancerIngress # Is one place where an Ingress is reached.
  1 ip string # Is its address.
  2 hostname string # Is its host name.
  4 ports []IngressPortStatus list=atomic # Reports on its ports.

type IngressLoadBalancerStatus # Reports where an Ingress is reached.
  1 ingress []IngressLoadBalancerIngress list=atomic # Lists the places.

type IngressPortStatus # Reports on one port of a load balancer.
  1 port! int32 # Is the port's number.
  2 protocol! string # Is its protocol: TCP, UDP or SCTP.
  3 error? string # Gives the cause when the port does not work, as one word.

type IngressRule # Sends the requests for a host on.
  1 host string # Is the host, perhaps with * as its first label; absent means every host.
  2.1 http HTTPIngressRuleValue # Says where the paths of the host lead; absent sends all to the default backend.

type IngressServiceBackend # Names a Service that takes requests.
  1 name! string # Is the Service's name.
  2 port ServiceBackendPort # Chooses one of its ports.

type IngressSpec # Says which requests go where.
  1 defaultBackend IngressBackend # Takes the requests that no rule fits.
  2 tls []IngressTLS list=atomic # Lists certificates and the hosts they are for.
  3 rules []IngressRule list=atomic # Lists the hosts and where their paths lead.
  4 ingressClassName? string # Names the IngressClass whose controller is to serve this Ingress.

type IngressStatus # Reports how an Ingress stands.
  1 loadBalancer IngressLoadBalancerStatus default={} # Says where the Ingress is reached.

type IngressTLS # Says which certificate is for which hosts.
  1 hosts []string list=atomic # Lists the hosts in the certificate.
  2 secretName string # Names the Secret with certificate and key.

type NetworkPolicy # Says which traffic some Pods may send and receive.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec NetworkPolicySpec # Chooses the Pods and the traffic.

type NetworkPolicyEgressRule # Allows traffic to some peers on some ports.
  1 ports []NetworkPolicyPort list=atomic # Lists the ports; absent means all.
  2 to []NetworkPolicyPeer list=atomic # Lists the peers; absent means everybody.

type NetworkPolicyIngressRule # Allows traffic from some peers on some ports.
  1 ports []NetworkPolicyPort list=atomic # Lists the ports; absent means all.
  2 from []NetworkPolicyPeer list=atomic # Lists the peers; absent means everybody.

type NetworkPolicyPeer # Chooses who may be talked to.
  1 podSelector meta/v1.LabelSelector # Chooses Pods, of this namespace or of those that namespaceSelector chooses.
  2 namespaceSelector meta/v1.LabelSelector # Chooses namespaces.
  3 ipBlock IPBlock # Chooses addresses; not together with the selectors.

type NetworkPolicyPort # Chooses ports of a protocol.
  1 protocol? string default="TCP" # Is the protocol: TCP (the default), UDP or SCTP.
  2 port? IntOrString # Is the port's number or name; absent means all.
  3 endPort? int32 # Makes a range of the ports from port to this one.

type NetworkPolicySpec # Chooses Pods and the traffic they may have.
  1 podSelector meta/v1.LabelSelector default={} # Chooses the Pods that the policy is about; an empty one means all of the namespace.
  2 ingress []NetworkPolicyIngressRule list=atomic # Lists what they may receive; an empty list is nothing.
  3 egress []NetworkPolicyEgressRule list=atomic # Lists what they may send; an empty list is nothing.
  4 policyTypes []string list=atomic # Says which directions the policy is about: Ingress, Egress or both.

type ParentReference # Refers to an object that something belongs to.
  1 group string # Is its API group; empty means the core group.
  2 resource! string # Is its resource, such as services.
  3 namespace string # Is its namespace.
  4 name! string # Is its name.

type ServiceBackendPort map=atomic # Chooses a port of a Service.
  1 name string # Is the port's name; not together with number.
  2 number int32 # Is the port's number; not together with name.

type ServiceCIDR # Is a range of addresses that Services get theirs from.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec ServiceCIDRSpec # Says which addresses.
  3 status ServiceCIDRStatus default={} # Says whether the range is in use.

type ServiceCIDRSpec # Says which addresses a range holds.
  1 cidrs []string list=atomic # Lists the ranges, one or one of each family.

type ServiceCIDRStatus # Says how a range stands.
  1 conditions []meta/v1.Condition list=map(type) patch=merge(type) # Lists Ready, which says whether addresses are taken from the range.
`;
