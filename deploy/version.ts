import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The Kubernetes level whose API this version speaks. */
export const KUBERNETES_VERSION = "v1.36.3";

/** The version in package.json, such as 0.1.0. */
export const RAFTSMAN_VERSION: string = readVersion();

function readVersion(): string {
  const path = join(import.meta.dirname, "../../package.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
