import { readFile } from "node:fs/promises";
import type { Clock } from "../../base/clock.js";

/** PEM files of an identity with which the API server calls others, and whom it believes there. */
export interface ClientFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

/** What is in these files. */
export interface ClientPem {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

const FRESH_MS = 60_000;

/** Reads a client certificate, and reads it again after a while: it may be rotated. */
export class ClientCredentials {
  private readonly files: ClientFiles;
  private readonly clock: Clock;
  private cached: { readonly atMs: number; readonly pem: ClientPem } | null = null;

  constructor(files: ClientFiles, deps: { readonly clock: Clock }) {
    this.files = files;
    this.clock = deps.clock;
  }

  /** Throws when a file cannot be read. */
  async read(): Promise<ClientPem> {
    const nowMs = this.clock.monotonicMs();
    if (this.cached === null || nowMs - this.cached.atMs > FRESH_MS)
      this.cached = { atMs: nowMs, pem: await this.readFiles() };
    return this.cached.pem;
  }

  private async readFiles(): Promise<ClientPem> {
    const { caFile, certFile, keyFile } = this.files;
    const [ca, cert, key] = await Promise.all([
      readFile(caFile),
      readFile(certFile),
      readFile(keyFile),
    ]);
    return { ca, cert, key };
  }
}
