import type { Clock } from "../../base/clock.js";
import type { Logger } from "../../base/logger.js";
import type { Random } from "../../base/random.js";
import { ServerList } from "../../base/server-list.js";
import type { KubernetesObject } from "../schema/wire-types.js";
import { ApiCaller } from "./api-caller.js";
import type { ApiClient, ByteStream, ClientConfig } from "./client-types.js";
import { Connection, CONNECTION_TIMES, type ConnectionTimes } from "./connection.js";
import { RestResourceClient } from "./resource-client.js";

/** What a client needs of its process. */
export interface ApiClientDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Shared with others of the process; default: a list of `servers` of its own. */
  readonly servers?: ServerList;
  /** Default CONNECTION_TIMES. */
  readonly times?: ConnectionTimes;
}

/**
 * A client of the API over one HTTP/2 connection with mutual TLS. Nothing is connected before the
 * first call; when the server is lost, the next call goes to the next of `servers`.
 */
export function createApiClient(config: ClientConfig, deps: ApiClientDeps): ApiClient {
  const { clock, random, logger, servers = new ServerList(config.servers) } = deps;
  const connection = new Connection(
    config,
    { clock, random, logger, servers },
    deps.times ?? CONNECTION_TIMES,
  );
  const { userAgent } = config;
  return clientOver(new ApiCaller({ connection, clock, random, userAgent }, null), () =>
    connection.close(),
  );
}

function clientOver(caller: ApiCaller, close: () => void): ApiClient {
  return {
    resource: (type) => new RestResourceClient(caller, type),
    metadata: (type) => new RestResourceClient<KubernetesObject>(caller, type, "metadata"),
    request: (method, path, options = {}) => {
      const { body, contentType } = options;
      const call = {
        method,
        path,
        ...(body === undefined ? {} : { body }),
        ...(contentType === undefined ? {} : { contentType }),
      };
      return caller.json(call, options);
    },
    stream: async (path, options): Promise<ByteStream> => {
      const answer = await caller.open({ method: "GET", path, accept: "*/*" }, options);
      return {
        contentType: answer.contentType,
        body: answer.chunks(),
        close: () => answer.close(),
      };
    },
    fencedBy: (current) => clientOver(caller.fencedBy(current), close),
    close,
  };
}
