/** The thread that makes the OpenAPI documents, sends them and ends. */
import { parentPort, workerData } from "node:worker_threads";
import { buildOpenApiDocuments } from "./openapi-documents.js";

const { version } = workerData as { readonly version: string };
parentPort?.postMessage(buildOpenApiDocuments(version));
