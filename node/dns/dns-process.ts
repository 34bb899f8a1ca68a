import { writeSync } from "node:fs";
import { InformerFactory } from "../../api/client/informer-factory.js";
import { ENDPOINT_SLICES, SERVICES } from "../../api/client/resource-types.js";
import { createApiClient } from "../../api/client/rest-client.js";
import { followApiServers } from "../../api/client/server-discovery.js";
import { systemClock, systemRandom } from "../../api/client/system-clock.js";
import { CodedError, messageOf } from "../../base/errors.js";
import { createLogger } from "../../base/logger.js";
import { ServerList } from "../../base/server-list.js";
import { runCommand } from "../cni/run-command.js";
import { addressMarkerPath, dnsProcessTitle, readDnsConfig } from "./dns-config.js";
import { startDnsServer } from "./dns-server.js";
import { claimLinkAddress } from "./link-address.js";
import { Resolver } from "./resolver.js";
import { Upstream } from "./upstream.js";
import { DnsZone } from "./zone.js";

/**
 * The cluster's DNS on one host, a process of its own: it goes on answering while the agent is
 * away. Its one argument is the path of its configuration (DnsConfig). Ends on SIGTERM.
 */
async function main(configPath: string): Promise<void> {
  const config = await readDnsConfig(configPath);
  process.title = dnsProcessTitle(config);
  const logger = createLogger((line) => process.stderr.write(line), {
    level: "info",
    timestamp: () => new Date().toISOString(),
    fields: { component: "dns" },
  });
  const stopper = new AbortController();
  const deps = { clock: systemClock, random: systemRandom, logger };
  const servers = new ServerList(config.client.servers);
  const client = createApiClient(config.client, { ...deps, servers });
  const informers = new InformerFactory(client, deps);
  const zone = new DnsZone(config.domain);
  const services = informers.informer(SERVICES);
  const slices = informers.informer(ENDPOINT_SLICES);
  services.addHandler({
    added: (service) => zone.setService(service),
    updated: (service) => zone.setService(service),
    deleted: (service) => zone.deleteService(service),
  });
  slices.addHandler({
    added: (slice) => zone.setSlice(slice),
    updated: (slice) => zone.setSlice(slice),
    deleted: (slice) => zone.deleteSlice(slice),
  });
  followApiServers(slices, servers);
  const { listenAddress: address, port, resolvConf } = config;
  const resolver = new Resolver({
    zone,
    zoneReady: () => services.hasSynced && slices.hasSynced,
    upstream: new Upstream({ resolvConf, ownAddresses: [address], clock: systemClock }),
    clock: systemClock,
    logger,
  });
  await claimLinkAddress(address, addressMarkerPath(configPath), runCommand);
  const handle = resolver.handle.bind(resolver);
  const server = await startDnsServer({ address, port, handle, logger });
  logger.info("answering", { address, port: server.port, domain: zone.domain });
  process.once("SIGTERM", () => stopper.abort());
  process.once("SIGINT", () => stopper.abort());
  informers.start(stopper.signal);
  await informers.whenStopped();
  await server.close();
  client.close();
}

const [configPath] = process.argv.slice(2);
if (configPath === undefined) {
  process.stderr.write("usage: dns-process CONFIG-FILE\n");
  process.exitCode = 2;
} else {
  main(configPath).catch((error: unknown) => {
    const code = error instanceof CodedError ? error.code : undefined;
    const line = { level: "error", message: "DNS stops", code, error: messageOf(error) };
    writeSync(2, `${JSON.stringify(line)}\n`);
    process.exit(1);
  });
}
