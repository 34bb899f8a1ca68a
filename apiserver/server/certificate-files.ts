import { readFile } from "node:fs/promises";
import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { TlsMaterial } from "./listener.js";
import { pause } from "./waiting.js";

export interface CertificatePaths {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string;
}

/** Certificates are renewed hours before they end: this is often enough. */
const PERIOD_MS = 30_000;

/** The server's certificate and key, and the CA of its clients, read again when they change. */
export class CertificateFiles {
  private readonly paths: CertificatePaths;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private current: TlsMaterial | null = null;

  constructor(paths: CertificatePaths, deps: { clock: Clock; logger: Logger }) {
    this.paths = paths;
    this.clock = deps.clock;
    this.logger = deps.logger;
  }

  /** Throws what the file system says. */
  async read(): Promise<TlsMaterial> {
    const { certFile, keyFile, clientCaFile } = this.paths;
    const [cert, key, clientCa] = await Promise.all([
      readFile(certFile),
      readFile(keyFile),
      readFile(clientCaFile),
    ]);
    this.current = { cert, key, clientCa };
    return this.current;
  }

  /** Calls `onChange` with every new set of files until `signal` aborts. */
  async follow(signal: AbortSignal, onChange: (changed: TlsMaterial) => void): Promise<void> {
    while (!signal.aborted) {
      await pause(this.clock, PERIOD_MS, signal);
      if (signal.aborted) return;
      try {
        const before = this.current;
        const now = await this.read();
        if (before === null || !sameMaterial(before, now)) onChange(now);
      } catch (error) {
        // Half-written: certificate and key do not fit yet. The next look finds both.
        this.logger.warn("the certificate files cannot be used", { error });
      }
    }
  }
}

function sameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return a.cert.equals(b.cert) && a.key.equals(b.key) && a.clientCa.equals(b.clientCa);
}
