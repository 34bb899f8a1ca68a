import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

/** An API server with control loops, and a node that only says that its pods run. */
export interface HostedServer {
  readonly kubeconfig: string;
  /** A folder that goes with the server. */
  readonly dir: string;
  /** A certificate and its key, for what the lines read from disk. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface HostRequest {
  readonly id: number;
  readonly verb: "start" | "stop";
}

export type HostReply =
  | { readonly id: number; readonly server: HostedServer | null }
  | { readonly id: number; readonly error: string };

/**
 * A process beside the test that serves its APIs: it takes the other core, and the test stays
 * small. Starting a kubectl copies the page tables of the process that starts it, 8 ms with the
 * servers in it, and each line starts one.
 */
export class ServerHost {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (reply: HostReply) => void>();
  private lastId = 0;

  constructor() {
    this.child = fork(join(import.meta.dirname, "server-process.js"));
    this.child.on("message", (reply: HostReply) => this.take(reply));
    this.child.once("exit", (code) => {
      for (const id of this.waiting.keys())
        this.take({ id, error: `the process of the servers ended with ${code}` });
    });
  }

  /** Starts a server. The caller calls `stop`, which removes its folder too. */
  async start(): Promise<HostedServer & { readonly stop: () => Promise<void> }> {
    this.lastId += 1;
    const id = this.lastId;
    const server = await this.ask({ id, verb: "start" });
    if (server === null) throw new Error("no server came of a start");
    const stop = async (): Promise<void> => {
      await this.ask({ id, verb: "stop" });
    };
    return { ...server, stop };
  }

  /** Stops what runs and ends the process. */
  close(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private ask(request: HostRequest): Promise<HostedServer | null> {
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, (reply) => {
        if ("error" in reply) reject(new Error(reply.error));
        else resolve(reply.server);
      });
      this.child.send(request);
    });
  }

  private take(reply: HostReply): void {
    const done = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    done?.(reply);
  }
}
