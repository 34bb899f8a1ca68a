import { createConnection, type Socket } from "node:net";
import { ByteReader, type ByteWriter } from "../bytes.js";
import { FrameDecoder, FrameEncoder, type SocketMessage } from "./frame.js";
import { REQUEST, RESPONSE } from "./messages.js";

export interface ConnectionHandler {
  /**
   * The server has greeted: requests may be sent. `appliedIndex` is how far its replica was then.
   */
  onOpen(connection: StoreConnection, appliedIndex: number): void;
  onMessage(message: SocketMessage): void;
  /** Called once, also when it never opened. */
  onClose(error: Error | null): void;
}

/** One connection to a consensus process; it is not used again after it closed. */
export class StoreConnection {
  private readonly socket: Socket;
  private readonly out: FrameEncoder;
  private error: Error | null = null;

  constructor(socketPath: string, handler: ConnectionHandler) {
    this.socket = createConnection(socketPath);
    this.out = new FrameEncoder((frame) => {
      if (!this.socket.destroyed) this.socket.write(frame);
    });
    const decoder = new FrameDecoder((message) => {
      if (message.type !== RESPONSE.hello) return handler.onMessage(message);
      handler.onOpen(this, new ByteReader(message.payload).u53());
    });
    this.socket.on("connect", () => this.send(REQUEST.hello, 0, () => {}));
    this.socket.on("data", (chunk: Buffer) => {
      try {
        decoder.push(chunk);
      } catch (error) {
        this.socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.socket.on("error", (error) => {
      this.error = error;
    });
    this.socket.on("close", () => handler.onClose(this.error));
  }

  /** Bytes that the server has not taken yet. */
  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  send(type: number, id: number, fill: (writer: ByteWriter) => void): void {
    this.out.send(type, id, fill);
  }

  /** Sends what is due now, not at the end of the turn. */
  flush(): void {
    this.out.flush();
  }

  destroy(): void {
    this.out.flush();
    this.socket.destroy();
  }
}
