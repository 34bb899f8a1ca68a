import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import {
  type ConnectionHooks,
  type ConnectionLimits,
  ServerConnection,
} from "./server-connection.js";

export interface ListenerOptions {
  readonly host: string;
  /** 0: any. */
  readonly port: number;
  readonly connectionsMax: number;
  readonly limits: ConnectionLimits;
  readonly onStream: ConnectionHooks["onStream"];
  /** A connection broke; nobody waits for an answer to that. */
  readonly onBroken: (error: Error) => void;
}

/** Serves HTTP/2 without TLS on a TCP port: for loopback. */
export class Http2Listener {
  private readonly server: Server;
  private readonly open = new Map<ServerConnection, Outbox>();
  private readonly options: ListenerOptions;

  private constructor(options: ListenerOptions) {
    this.options = options;
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket));
    this.server.maxConnections = options.connectionsMax;
  }

  /** Resolves once it listens. Rejects with the system's error. */
  static listen(options: ListenerOptions): Promise<Http2Listener> {
    const made = new Http2Listener(options);
    return new Promise((resolve, reject) => {
      made.server.once("error", reject);
      made.server.listen(options.port, options.host, () => resolve(made));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Says goodbye to every client. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const [connection, outbox] of this.open) {
        connection.goAway();
        outbox.end();
      }
    });
  }

  private accept(socket: Socket): void {
    const { limits, onStream, onBroken } = this.options;
    const outbox = new Outbox(socket);
    const connection = new ServerConnection(limits, {
      send: (bytes) => outbox.push(bytes),
      backlogBytes: () => socket.writableLength,
      onStream,
    });
    this.open.set(connection, outbox);
    socket.on("data", (chunk: Buffer) => {
      if (!connection.receive(chunk)) return outbox.end();
      // A peer that does not read its answers is not listened to either.
      if (socket.writableLength > 2 * limits.backlogBytesMax) socket.pause();
    });
    socket.on("drain", () => {
      socket.resume();
      connection.resume();
    });
    socket.on("error", onBroken);
    socket.once("close", () => {
      this.open.delete(connection);
      connection.close();
    });
  }
}

/** What is sent in one turn of the event loop goes out in one piece. */
class Outbox {
  private readonly socket: Socket;
  private waiting: Buffer[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  push(bytes: Buffer): void {
    if (this.waiting.length === 0) setImmediate(() => this.flush());
    this.waiting.push(bytes);
  }

  end(): void {
    this.flush();
    this.socket.destroySoon();
  }

  private flush(): void {
    const { waiting } = this;
    if (waiting.length === 0 || this.socket.destroyed || this.socket.writableEnded) return;
    this.waiting = [];
    const [first] = waiting;
    this.socket.write(waiting.length === 1 && first !== undefined ? first : Buffer.concat(waiting));
  }
}
