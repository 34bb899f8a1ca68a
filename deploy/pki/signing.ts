/**
 * What makes and signs certificates, loaded when that is to be done: most processes of a cluster
 * never do, and it would be a fifth of the work of their start.
 */
export const signing = () => import("./certificate-authority.js");
