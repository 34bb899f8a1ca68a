import type { ClientRequest } from "node:http";
import { checkServerIdentity, createSecureContext, type PeerCertificate } from "node:tls";
import type { SecureContext, TLSSocket } from "node:tls";
import { WebSocket } from "ws";
import { scheduleAwake } from "../base/awake-timer.js";
import type { Clock } from "../base/clock.js";
import { messageOf } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import { UNMASKED } from "../base/unmasked.js";
import {
  type Certified,
  GOSSIP_PATH,
  GOSSIP_PROTOCOL,
  isServerMember,
  maySpeakAs,
} from "./member-names.js";
import { RereadFiles } from "./reread-files.js";
import { SWIM_FRAME_BYTES_MAX } from "./swim-codec.js";

const RELOAD_MS = 60_000;
/** A host that is there takes a connection at once, however busy its processes are. */
const CONNECT_MS = 3_000;
/**
 * From there on both ends may be slow: work given up is work to be done again, and many members
 * that begin at once would never get anywhere. Counted is silence, by a timer that may take twice
 * as long.
 */
const HANDSHAKE_MS = 30_000;

/** PEM files. */
export interface MemberFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A WebSocket towards a member, and who its certificate lets it speak for. */
export interface Dialled {
  readonly webSocket: WebSocket;
  readonly maySpeakAs: (name: string) => boolean;
}

/** With what a member calls others; read again now and then, since certificates rotate. */
export class MemberCredentials {
  private readonly files: RereadFiles;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private context: SecureContext | null = null;
  private cancel: () => void = () => {};
  private isClosed = false;

  constructor(files: MemberFiles, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.files = new RereadFiles([files.caFile, files.certFile, files.keyFile]);
    this.clock = clock;
    this.logger = logger;
  }

  /** Resolves once the files were read, whether or not that worked. */
  async load(): Promise<void> {
    try {
      const changed = await this.files.read();
      if (changed === null) return;
      const [ca, cert, key] = changed;
      this.context = createSecureContext({ ca, cert, key, minVersion: "TLSv1.3" });
    } catch (error) {
      // Half-written files: what is in use still serves.
      this.logger.warn("certificate could not be read again", { error: messageOf(error) });
    } finally {
      if (!this.isClosed) this.cancel = this.clock.schedule(RELOAD_MS, () => void this.load());
    }
  }

  close(): void {
    this.isClosed = true;
    this.cancel();
  }

  /**
   * Calls the member at an address such as https://192.0.2.7:10250. `name`: who must answer; null:
   * whichever server is there. Null as long as the files could not be read, or for an address that
   * is none.
   */
  dial(address: string, name: string | null): Dialled | null {
    const url = urlOf(address);
    if (this.context === null || url === null) return null;
    const expectsServer = name === null || isServerMember(name);
    const webSocket = new WebSocket(url, GOSSIP_PROTOCOL, {
      secureContext: this.context,
      // A node is known by its name; its address is hearsay.
      checkServerIdentity: (host: string, certificate: PeerCertificate) =>
        expectsServer
          ? checkServerIdentity(host, certificate)
          : checkNode(certifiedOf(certificate), name),
      maxPayload: SWIM_FRAME_BYTES_MAX,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
      finishRequest: (request: ClientRequest) => {
        this.limitConnect(request);
        request.end();
      },
      ...UNMASKED,
    } as object);
    let certified: Certified | null = null;
    webSocket.on("upgrade", ({ socket }) => {
      certified = certifiedOf((socket as TLSSocket).getPeerCertificate());
    });
    const maySpeak = (said: string): boolean =>
      certified !== null &&
      maySpeakAs(certified, said) &&
      (name === null ? isServerMember(said) : said === name);
    return { webSocket, maySpeakAs: maySpeak };
  }

  private limitConnect(request: ClientRequest): void {
    const cancel = scheduleAwake(this.clock, CONNECT_MS, () =>
      request.destroy(new Error(`no connection within ${CONNECT_MS} ms`)),
    );
    request.once("socket", (socket) => socket.once("connect", cancel));
    request.once("close", cancel);
  }
}

/** What the verified certificate at the other end of a connection says. */
export function certifiedOf(certificate: PeerCertificate): Certified {
  // The types leave out that there may be none.
  const subject = certificate.subject as PeerCertificate["subject"] | undefined;
  const [name = ""] = [subject?.CN ?? ""].flat();
  return { name, groups: [subject?.O ?? []].flat() };
}

function checkNode(certified: Certified, name: string | null): Error | undefined {
  if (name !== null && maySpeakAs(certified, name)) return undefined;
  return new Error(`the certificate is ${certified.name}'s, not ${name ?? "anybody"}'s`);
}

function urlOf(address: string): URL | null {
  try {
    const url = new URL(GOSSIP_PATH, address);
    if (url.protocol !== "https:") return null;
    url.protocol = "wss:";
    return url;
  } catch {
    return null;
  }
}
