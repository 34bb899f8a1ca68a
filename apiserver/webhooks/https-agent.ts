import { Agent, type AgentOptions, type RequestOptions } from "node:https";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect as connectTls } from "node:tls";

/** How to get to the other side where that is not by its name: a port of a Service. */
export interface Dialing {
  /** Connections with the same key go to the same place. */
  readonly key: string;
  dial(signal: AbortSignal): Promise<Duplex>;
}

export interface DialedOptions extends RequestOptions {
  readonly dialing?: Dialing;
}

type Done = (error: Error | null, socket: Duplex) => void;

const IDLE_MS = 30_000;
const FREE_SOCKETS_MAX = 8;

/**
 * Keeps connections to servers that are asked again and again, whether they are reached by name or
 * through a tunnel.
 */
export class DialingAgent extends Agent {
  constructor(options: AgentOptions = {}) {
    super({
      keepAlive: true,
      maxFreeSockets: FREE_SOCKETS_MAX,
      timeout: IDLE_MS,
      scheduling: "lifo",
      ...options,
    });
  }

  /** The name of the pool: what must be the same for a connection to be used again. */
  override getName(options: DialedOptions = {}): string {
    return `${super.getName(options)}:${options.dialing?.key ?? ""}`;
  }

  override createConnection(options: DialedOptions, done?: Done): Duplex | null | undefined {
    const { dialing } = options;
    if (dialing === undefined) return super.createConnection(options, done);
    const signal = (options.signal as AbortSignal | undefined) ?? new AbortController().signal;
    dialing.dial(signal).then(
      (socket) => done?.(null, connectTls({ ...(options as ConnectionOptions), socket })),
      (error: unknown) =>
        // With an error nobody looks at the other argument.
        (done as ((error: Error) => void) | undefined)?.(
          error instanceof Error ? error : new Error(String(error)),
        ),
    );
    return undefined;
  }
}
