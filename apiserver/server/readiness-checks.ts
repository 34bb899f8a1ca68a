import type { HealthCheck } from "./health.js";

/** What an API server needs before requests are sent to it. */
export interface Readiness {
  /** Rejects while there is no quorum. */
  readonly readIndex: () => Promise<unknown>;
  readonly isCacheFilled: () => boolean;
  /** The system namespaces, the default roles and the Service of the API are there. */
  readonly isBootstrapped: () => boolean;
}

/** The checks of /readyz, beyond those of /livez; the last one has kube-apiserver's name for it. */
export function readinessChecks(readiness: Readiness): HealthCheck[] {
  const check = (name: string, isWell: () => boolean, why: string): HealthCheck => ({
    name,
    run: async () => (isWell() ? null : why),
  });
  return [
    {
      name: "store",
      run: async () => {
        await readiness.readIndex();
        return null;
      },
    },
    check("watch-cache", readiness.isCacheFilled, "not filled yet"),
    check("poststarthook/bootstrap-controller", readiness.isBootstrapped, "not finished"),
  ];
}
