/** certificates.k8s.io/v1: see ../notation.ts for how to read this. */
export const certificatesV1 = `
group certificates/v1 certificates.k8s.io/v1

kind CertificateSigningRequest certificatesigningrequests cluster short=csr
  sub approval CertificateSigningRequest get patch update
  sub status CertificateSigningRequest get patch update

type CertificateSigningRequest # Asks a signer for a certificate, which somebody approves or denies.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! CertificateSigningRequestSpec # Says who asks for what; it never changes.
  3 status CertificateSigningRequestStatus default={} # Says what was decided, and holds the certificate.

type CertificateSigningRequestCondition # Is one thing that was decided or went wrong.
  1 type! string # Is Approved, Denied or Failed.
  2 reason string # Says why, in one word.
  3 message string # Says why, to people.
  4 lastUpdateTime Time # Is when the condition was written last.
  5 lastTransitionTime Time # Is when its status changed last.
  6 status! string # Is True, False or Unknown; for Approved and Denied only True.

type CertificateSigningRequestSpec # Says who asks for what.
  1 request! bytes # Is the request in PKCS #10, as PEM.
  2 username string # Is the user who asked; the server writes it.
  3 uid string # Is the uid of that user.
  4 groups []string list=atomic # Lists the groups of that user.
  5 usages []string list=atomic # Lists what the key is for, such as digital signature and client auth.
  6 extra map[[]string] # Holds what else is known of that user.
  7 signerName! string # Names who is to sign, such as kubernetes.io/kube-apiserver-client.
  8 expirationSeconds? int32 # Is how long the certificate is to last; the signer may decide otherwise.

type CertificateSigningRequestStatus # Says what was decided.
  1 conditions []CertificateSigningRequestCondition list=map(type) # Lists what was decided.
  2 certificate bytes # Is the certificate and perhaps its chain, as PEM.
`;
