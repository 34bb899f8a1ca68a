/** authentication.k8s.io/v1: see ../notation.ts for how to read this. */
export const authenticationV1 = `
group authentication/v1 authentication.k8s.io/v1

kind SelfSubjectReview selfsubjectreviews cluster
  verbs create
kind TokenReview tokenreviews cluster
  verbs create

type BoundObjectReference # Names the object that a token is bound to.
  1 kind string # Is Pod, Secret or Node.
  2 apiVersion string # Is v1.
  3 name string # Names the object.
  4 uid string # Tells the object from another of the same name; empty means whichever is there.

type SelfSubjectReview # Answers the question who the caller is; nothing is stored.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 status SelfSubjectReviewStatus # Holds the answer; the server fills it in.

type SelfSubjectReviewStatus # Holds what the server knows of the caller.
  1 userInfo UserInfo # Describes the caller as it was authenticated.

type TokenRequest # Asks for a token of a service account.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec TokenRequestSpec # Describes the token that is asked for.
  3 status TokenRequestStatus # Holds the token; the server fills it in.

type TokenRequestSpec # Describes a token that is asked for.
  1 audiences []string list=atomic # Lists who may take the token for good; empty means the API server.
  3 boundObjectRef BoundObjectReference # Names an object with whose end the token ends.
  4 expirationSeconds? int64 # Says how long the token is to live, ten minutes at least.

type TokenRequestStatus # Holds a token that was made.
  1 token string # Is the token, to be kept secret.
  2 expirationTimestamp Time # Says when the token ends.

type TokenReview # Asks whether a token is good, and whose it is; nothing is stored.
  0 apiVersion string
  0 kind string
  1 metadata meta/v1.ObjectMeta
  2 spec! TokenReviewSpec # Holds the token in question.
  3 status TokenReviewStatus # Holds the answer; the server fills it in.

type TokenReviewSpec # Holds the token in question.
  1 token! string # Is the token.
  2 audiences []string list=atomic # Lists the audiences of which one must be meant; empty means the API server.

type TokenReviewStatus # Says whether a token is good.
  1 authenticated bool # Says whether the token belongs to a known user.
  2 user UserInfo # Describes that user.
  3 error string # Says why the token could not be checked.
  4 audiences []string list=atomic # Lists which of the audiences asked for are meant by the token.

type UserInfo # Describes a user, who may be a person or a program.
  1 username string # Names the user, such as system:serviceaccount:default:builder.
  2 uid string # Tells the user from another who has had the same name; empty when the way of authentication has none.
  3 groups []string list=atomic # Lists the groups that the user is in.
  4 extra map[[]string] # Holds further facts from the way of authentication, each with a list of values.
`;
