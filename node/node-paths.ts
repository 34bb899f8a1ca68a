import { join } from "node:path";
import { podLogFolder } from "./plan/sandbox-config.js";

/** Where an agent keeps what belongs to its pods: everything below its own data folder. */
export class NodePaths {
  readonly podsDir: string;
  /** Volumes that outlive pods, one folder each. */
  readonly localVolumesDir: string;
  readonly logsDir: string;
  readonly seccompDir: string;
  readonly cniConfDir: string;
  /** What was pulled, and for whom. */
  readonly pullsDir: string;

  constructor(dataDir: string) {
    this.podsDir = join(dataDir, "pods");
    this.localVolumesDir = join(dataDir, "local-volumes");
    this.logsDir = join(dataDir, "pod-logs");
    this.seccompDir = join(dataDir, "seccomp");
    this.cniConfDir = join(dataDir, "cni", "net.d");
    this.pullsDir = join(dataDir, "pulls");
  }

  pod(uid: string): string {
    return join(this.podsDir, uid);
  }

  volumes(uid: string): string {
    return join(this.podsDir, uid, "volumes");
  }

  hostsFile(uid: string): string {
    return join(this.podsDir, uid, "etc-hosts");
  }

  /** What the container writes last words to, one file per attempt. */
  terminationMessage(uid: string, container: string, restartCount: number): string {
    return join(this.podsDir, uid, "containers", container, `${restartCount}.termination`);
  }

  logs(pod: Parameters<typeof podLogFolder>[0]): string {
    return join(this.logsDir, podLogFolder(pod));
  }
}
