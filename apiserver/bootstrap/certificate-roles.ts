import { type DefaultClusterRole, on } from "./default-roles.js";

const GROUP = "certificates.k8s.io";
const REQUESTS = "certificatesigningrequests";
const SIGNERS = {
  "kube-apiserver-client": "kubernetes.io/kube-apiserver-client",
  "kube-apiserver-client-kubelet": "kubernetes.io/kube-apiserver-client-kubelet",
  "kubelet-serving": "kubernetes.io/kubelet-serving",
} as const;

/** Whose holder's requests for any node's certificate are approved by themselves. */
export const NODE_CLIENT = `system:certificates.k8s.io:${REQUESTS}:nodeclient`;
/** Whose holder's requests for the holder's own certificate are approved by themselves. */
export const SELF_NODE_CLIENT = `system:certificates.k8s.io:${REQUESTS}:selfnodeclient`;
/** To ask for certificates, and to see what came of it. */
export const NODE_BOOTSTRAPPER = "system:node-bootstrapper";

/** Roles about certificates, under the reference's names. */
export const CERTIFICATE_ROLES: readonly DefaultClusterRole[] = [
  {
    name: NODE_BOOTSTRAPPER,
    rules: [on(GROUP, ["create", "get", "list", "watch"], REQUESTS)],
  },
  { name: NODE_CLIENT, rules: [on(GROUP, ["create"], `${REQUESTS}/nodeclient`)] },
  { name: SELF_NODE_CLIENT, rules: [on(GROUP, ["create"], `${REQUESTS}/selfnodeclient`)] },
  ...Object.entries(SIGNERS).map(([short, signer]) => ({
    name: `system:certificates.k8s.io:${short}-approver`,
    rules: [{ ...on(GROUP, ["approve"], "signers"), resourceNames: [signer] }],
  })),
];
