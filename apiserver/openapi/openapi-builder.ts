import { Worker } from "node:worker_threads";
import type { PublishedKind } from "../../api/schema/openapi/openapi-custom.js";
import type { OpenApiDocuments } from "./openapi-documents.js";

const WORKER = new URL("./openapi-worker.js", import.meta.url);

/** Where the handler gets its documents from. */
export interface OpenApiSource {
  /** The newest documents. Rejects when they cannot be made; the next call tries again. */
  documents(): Promise<OpenApiDocuments>;
}

/** The custom kinds that the documents are about. */
export interface CustomSource {
  /** Another number: they have changed. */
  readonly version: number;
  published(): readonly PublishedKind[];
}

const NO_CUSTOM_KINDS: CustomSource = { version: 0, published: () => [] };

/**
 * Makes the OpenAPI documents in a thread that lives no longer than that, and keeps them: the
 * event loop that serves requests does not stand still for them.
 */
export class OpenApiBuilder implements OpenApiSource {
  private readonly version: string;
  private building: Promise<OpenApiDocuments> | null = null;
  private readonly workers = new Set<Worker>();

  private readonly custom: CustomSource;
  private builtFor = 0;

  /** `version` is the product's own; `custom` are the kinds that definitions add. */
  constructor(version: string, custom: CustomSource = NO_CUSTOM_KINDS) {
    this.version = version;
    this.custom = custom;
  }

  documents(): Promise<OpenApiDocuments> {
    if (this.building === null || this.builtFor !== this.custom.version) {
      this.builtFor = this.custom.version;
      const building = this.build();
      building.catch(() => {
        if (this.building === building) this.building = null;
      });
      this.building = building;
    }
    return this.building;
  }

  /** Ends the threads that still work. */
  async close(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  private build(): Promise<OpenApiDocuments> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(WORKER, {
        workerData: { version: this.version, custom: this.custom.published() },
      });
      worker.unref();
      this.workers.add(worker);
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => {
        this.workers.delete(worker);
        reject(new Error(`the thread that makes OpenAPI documents ended with ${code}`));
      });
    });
  }
}
