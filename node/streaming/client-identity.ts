import type { PeerCertificate, TLSSocket } from "node:tls";

/** What the server made of a client's certificate. */
export type ClientVerdict = "allowed" | "unknown" | "forbidden";

const API_SERVER_NAME = "kube-apiserver-kubelet-client";
const ADMIN_GROUP = "system:masters";

/** Only the API server and administrators of the cluster may use the agent's port. */
export function judgeClient(socket: TLSSocket): ClientVerdict {
  if (!socket.authorized) return "unknown";
  return judgeSubject(socket.getPeerCertificate().subject);
}

/** Decides by the subject of a certificate that the cluster's CA signed. */
export function judgeSubject(subject: PeerCertificate["subject"] | undefined): ClientVerdict {
  if (subject === undefined) return "unknown";
  const groups: readonly string[] = [subject.O ?? []].flat();
  return subject.CN === API_SERVER_NAME || groups.includes(ADMIN_GROUP) ? "allowed" : "forbidden";
}
