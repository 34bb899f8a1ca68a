/**
 * The name in the certificate with which this server calls extension API servers: the only one that
 * they let say for whom it speaks.
 */
export const FRONT_PROXY_NAME = "front-proxy-client";

/** Headers that say for whom a call is made, in the reference's spelling. */
export const REMOTE_HEADERS = {
  user: "X-Remote-User",
  uid: "X-Remote-Uid",
  group: "X-Remote-Group",
  extraPrefix: "X-Remote-Extra-",
} as const;
