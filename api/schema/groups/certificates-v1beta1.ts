/** certificates.k8s.io/v1beta1: see ../notation.ts for how to read this. */
export const certificatesV1beta1 = `
group certificates/v1beta1 certificates.k8s.io/v1beta1

kind ClusterTrustBundle clustertrustbundles cluster
kind PodCertificateRequest podcertificaterequests namespaced
  sub status PodCertificateRequest get patch update

type ClusterTrustBundle # Is a set of certificates of authorities that workloads can trust.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! ClusterTrustBundleSpec # Holds the certificates and says whose they are.

type ClusterTrustBundleSpec # Holds certificates of authorities and says whose they are.
  1 signerName string # Names the signer that the certificates belong to; the object's name then begins with it. It never changes.
  2 trustBundle! string # Holds the certificates as PEM blocks without headers; their order means nothing.

type PodCertificateRequest # Asks a signer for a certificate for one Pod.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! PodCertificateRequestSpec # Says who asks for what; it never changes.
  3 status PodCertificateRequestStatus default={} # Says what was decided, and holds the certificate.

type PodCertificateRequestSpec # Says for which Pod a certificate is asked, and of whom.
  1 signerName! string # Names who is to sign.
  2 podName! string # Is the name of the Pod, in the request's namespace.
  3 podUID! string # Is the uid of that Pod.
  4 serviceAccountName! string # Names the service account of the Pod.
  5 serviceAccountUID! string # Is the uid of that account.
  6 nodeName! string # Names the node where the Pod runs.
  7 nodeUID! string # Is the uid of that Node.
  8 maxExpirationSeconds? int32 default=86400 # Is how long the certificate may last at most; a day when absent.
  9 pkixPublicKey bytes # Is the public key, in PKIX DER.
  10 proofOfPossession bytes # Proves that whoever asks has the private key.
  11 unverifiedUserAnnotations map[string] # Are what the Pod says to the signer; nobody checked them.
  12 stubPKCS10Request! bytes # Is a request in PKCS #10 that carries the public key and is signed with the private one.

type PodCertificateRequestStatus # Says what was decided.
  1 conditions []meta/v1.Condition list=map(type) patch=merge(type) # Lists what was decided: Issued, Denied or Failed.
  2 certificateChain string # Is the certificate and perhaps its chain, as PEM.
  4 notBefore Time # Is when the certificate begins to be good.
  5 beginRefreshAt Time # Is when the node begins to ask for the next one.
  6 notAfter Time # Is when the certificate ends.
`;
