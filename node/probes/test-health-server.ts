import {
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  status,
} from "@grpc/grpc-js";

const METHOD = {
  path: "/grpc.health.v1.Health/Check",
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
} as const;

export interface HealthServer {
  readonly port: number;
  readonly stop: () => void;
}

/**
 * A gRPC server on a free port of `host` whose services are in these states of grpc.health.v1 (1:
 * serving, 2: not). It never answers for the service `silent`, and knows no other.
 */
export async function startHealthServer(
  host: string,
  states: ReadonlyMap<string, number>,
): Promise<HealthServer> {
  const check = (
    { request }: ServerUnaryCall<Buffer, Buffer>,
    answer: sendUnaryData<Buffer>,
  ): void => {
    // Field 1 of the request is the service's name, that of the response its state.
    const service = request.subarray(2).toString();
    if (service === "silent") return;
    const state = states.get(service);
    if (state === undefined) answer({ code: status.NOT_FOUND, details: "unknown service" });
    else answer(null, Buffer.of(8, state));
  };
  const server = new Server();
  server.addService({ check: METHOD }, { check });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${host}:0`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { port, stop: () => server.forceShutdown() };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
