/** The thread that makes the OpenAPI documents, sends them and ends. */
import { parentPort, workerData } from "node:worker_threads";
import type { PublishedKind } from "../../api/schema/openapi/openapi-custom.js";
import { buildOpenApiDocuments } from "./openapi-documents.js";

const { version, custom } = workerData as {
  readonly version: string;
  readonly custom: readonly PublishedKind[];
};
parentPort?.postMessage(buildOpenApiDocuments(version, custom));
