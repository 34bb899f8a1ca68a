import { createConnection, type Socket } from "node:net";

/** What becomes of a call: its messages, then how it ended (null: as it should). */
export interface GrpcHandler {
  readonly onMessage: (message: Buffer) => void;
  readonly onEnd: (error: Error | null) => void;
}

interface Call extends GrpcHandler {
  /** A message of which only a part has come. */
  partial: Buffer | null;
}

interface Unsent {
  readonly headers: Buffer;
  readonly body: Buffer;
  readonly id: number;
  readonly isLast: boolean;
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEADER_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const RESET = 3;
const SETTINGS = 4;
const PING = 6;
const GO_AWAY = 7;
const WINDOW_UPDATE = 8;
const FLAG_END_STREAM = 1;
const FLAG_ACK = 1;
const FLAG_END_HEADERS = 4;
const FLAG_PADDED = 8;
/** RFC 9113 §6.9.2: what we may send before the server has granted more. */
const INITIAL_WINDOW_BYTES = 65_535;
const WINDOW_MAX_BYTES = 2 ** 31 - 1;
/** Received bytes after which the server is granted as many again. */
const GRANT_BYTES = 1024 * 1024;

/**
 * gRPC on HTTP/2 with next to nothing around it, so that a benchmark measures the server and not
 * its client: headers are sent as constant bytes and those received are not decoded. Compression,
 * deadlines and metadata are left out; an error is told from an answer by its having no message.
 */
export class GrpcConnection {
  private readonly socket: Socket;
  private readonly authority: string;
  private readonly calls = new Map<number, Call>();
  private readonly headerBlocks = new Map<string, Buffer>();
  private nextId = 1;
  private sendWindow = INITIAL_WINDOW_BYTES;
  private readonly unsent: Unsent[] = [];
  private out: Buffer[] = [];
  private received = 0;
  private rest: Buffer = Buffer.alloc(0);

  constructor(port: number) {
    this.authority = `127.0.0.1:${port}`;
    this.socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
    const settings = Buffer.alloc(12);
    settings.writeUInt16BE(2, 0); // No server push.
    settings.writeUInt16BE(4, 6); // The window of every stream.
    settings.writeUInt32BE(WINDOW_MAX_BYTES, 8);
    this.write(Buffer.from(PREFACE, "latin1"));
    this.write(frame(SETTINGS, { flags: 0, id: 0 }, settings));
    this.write(windowUpdate(WINDOW_MAX_BYTES - INITIAL_WINDOW_BYTES));
    this.socket.on("data", (chunk: Buffer) => this.take(chunk));
    this.socket.on("error", (error) => this.fail(error));
    this.socket.on("close", () => this.fail(new Error("the connection was closed")));
  }

  /** One request, one answer. */
  unary(path: string, request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let answer: Buffer | null = null;
      this.start(path, request, {
        isLast: true,
        onMessage: (message) => {
          answer = message;
        },
        onEnd: (error) => {
          if (error === null && answer !== null) resolve(answer);
          else reject(error ?? new Error(`${path} was refused`));
        },
      });
    });
  }

  /** One request, answers until the connection is closed. */
  stream(path: string, request: Buffer, handler: GrpcHandler): void {
    this.start(path, request, { ...handler, isLast: false });
  }

  close(): void {
    this.socket.destroy();
  }

  private start(path: string, request: Buffer, call: GrpcHandler & { isLast: boolean }): void {
    const id = this.nextId;
    this.nextId += 2;
    const { onMessage, onEnd, isLast } = call;
    this.calls.set(id, { onMessage, onEnd, partial: null });
    const body = Buffer.allocUnsafe(5 + request.length);
    body[0] = 0;
    body.writeUInt32BE(request.length, 1);
    request.copy(body, 5);
    this.unsent.push({ headers: this.headerBlock(path), body, id, isLast });
    this.sendUnsent();
  }

  private sendUnsent(): void {
    for (let next = this.unsent[0]; next !== undefined; next = this.unsent[0]) {
      if (next.body.length > this.sendWindow) return;
      this.unsent.shift();
      this.sendWindow -= next.body.length;
      const { id } = next;
      this.write(frame(HEADERS, { flags: FLAG_END_HEADERS, id }, next.headers));
      this.write(frame(DATA, { flags: next.isLast ? FLAG_END_STREAM : 0, id }, next.body));
    }
  }

  /** HPACK literals that neither side has to remember (RFC 7541 §6.2.2). */
  private headerBlock(path: string): Buffer {
    const known = this.headerBlocks.get(path);
    if (known !== undefined) return known;
    const block = Buffer.concat([
      Buffer.from([0x83, 0x86, 0x04]), // :method POST, :scheme http, :path
      text(path),
      Buffer.from([0x01]), // :authority
      text(this.authority),
      Buffer.from([0x0f, 0x10]), // content-type
      text("application/grpc"),
      Buffer.from([0x00]),
      text("te"),
      text("trailers"),
    ]);
    this.headerBlocks.set(path, block);
    return block;
  }

  /** Everything written in one turn of the event loop goes out together. */
  private write(bytes: Buffer): void {
    if (this.out.length === 0)
      setImmediate(() => {
        const all = Buffer.concat(this.out);
        this.out = [];
        if (!this.socket.destroyed) this.socket.write(all);
      });
    this.out.push(bytes);
  }

  private take(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES) {
      const end = at + FRAME_HEADER_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const type = bytes[at + 3] ?? 0;
      const flags = bytes[at + 4] ?? 0;
      const id = bytes.readUInt32BE(at + 5);
      this.takeFrame({ type, flags, id }, bytes.subarray(at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    this.rest = bytes.subarray(at);
  }

  private takeFrame(
    { type, flags, id }: { type: number; flags: number; id: number },
    payload: Buffer,
  ): void {
    if (type === DATA) this.takeData(id, payload, flags);
    if (type === PING && (flags & FLAG_ACK) === 0)
      this.write(frame(PING, { flags: FLAG_ACK, id: 0 }, payload));
    if (type === SETTINGS && (flags & FLAG_ACK) === 0)
      this.write(frame(SETTINGS, { flags: FLAG_ACK, id: 0 }, Buffer.alloc(0)));
    if (type === WINDOW_UPDATE && id === 0) {
      this.sendWindow += payload.readUInt32BE(0);
      this.sendUnsent();
    }
    if (type === RESET) this.end(id, new Error("the server reset the call"));
    if (type === GO_AWAY) this.fail(new Error("the server goes away"));
    const isEnd = (type === DATA || type === HEADERS) && (flags & FLAG_END_STREAM) !== 0;
    if (isEnd) this.end(id, null);
  }

  private takeData(id: number, payload: Buffer, flags: number): void {
    if ((flags & FLAG_PADDED) !== 0) throw new Error("padded frames are not expected");
    this.received += payload.length;
    if (this.received >= GRANT_BYTES) {
      this.write(windowUpdate(this.received));
      this.received = 0;
    }
    const call = this.calls.get(id);
    if (call === undefined) return;
    let bytes = call.partial === null ? payload : Buffer.concat([call.partial, payload]);
    while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(1)) {
      const end = 5 + bytes.readUInt32BE(1);
      call.onMessage(bytes.subarray(5, end));
      bytes = bytes.subarray(end);
    }
    call.partial = bytes.length === 0 ? null : bytes;
  }

  private end(id: number, error: Error | null): void {
    const call = this.calls.get(id);
    this.calls.delete(id);
    call?.onEnd(error);
  }

  private fail(error: Error): void {
    for (const id of this.calls.keys()) this.end(id, error);
  }
}

function frame(
  type: number,
  { flags, id }: { readonly flags: number; readonly id: number },
  payload: Buffer,
): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(id, 5);
  payload.copy(bytes, FRAME_HEADER_BYTES);
  return bytes;
}

function windowUpdate(bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes, 0);
  return frame(WINDOW_UPDATE, { flags: 0, id: 0 }, payload);
}

/** A string of fewer than 127 bytes, not Huffman-coded. */
function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value, "latin1")]);
}
