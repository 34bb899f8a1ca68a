import { Worker } from "node:worker_threads";
import type { OpenApiDocuments } from "./openapi-documents.js";

const WORKER = new URL("./openapi-worker.js", import.meta.url);

/** Where the handler gets its documents from. */
export interface OpenApiSource {
  /** The newest documents. Rejects when they cannot be made; the next call tries again. */
  documents(): Promise<OpenApiDocuments>;
}

/**
 * Makes the OpenAPI documents in a thread that lives no longer than that, and keeps them: the
 * event loop that serves requests does not stand still for them.
 */
export class OpenApiBuilder implements OpenApiSource {
  private readonly version: string;
  private building: Promise<OpenApiDocuments> | null = null;
  private worker: Worker | null = null;

  /** `version` is the product's own. */
  constructor(version: string) {
    this.version = version;
  }

  documents(): Promise<OpenApiDocuments> {
    if (this.building === null) {
      const building = this.build();
      building.catch(() => {
        if (this.building === building) this.building = null;
      });
      this.building = building;
    }
    return this.building;
  }

  /** Ends the thread if it still works. */
  async close(): Promise<void> {
    await this.worker?.terminate();
  }

  private build(): Promise<OpenApiDocuments> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(WORKER, { workerData: { version: this.version } });
      worker.unref();
      this.worker = worker;
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => {
        this.worker = null;
        reject(new Error(`the thread that makes OpenAPI documents ended with ${code}`));
      });
    });
  }
}
