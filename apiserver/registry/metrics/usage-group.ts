/**
 * What nodes and pods use: served by every server, and in other clusters by an add-on. Charts of
 * that add-on bring an APIService of their own, which is taken and changes nothing.
 */
export const USAGE_GROUP = "metrics.k8s.io";
