import type { ServerPki } from "../pki/cluster-pki.js";
import type { ServerConfig } from "./server-config.js";

/**
 * What the parent tells its api process over their message channel: paths and names, never key
 * material.
 */
export interface ApiProcessConfig {
  readonly server: ServerConfig;
  readonly pki: ServerPki;
  /** The unix socket of the consensus process. */
  readonly storeSocket: string;
  /** Such as 0.1.0. */
  readonly version: string;
}
