import { randomBytes, randomUUID } from "node:crypto";
import { isIPv6 } from "node:net";
import { Registry } from "prom-client";
import type { ApiClient } from "../api/client/client-types.js";
import { createApiClient } from "../api/client/rest-client.js";
import type { KindInfo } from "../api/schema/kinds.js";
import type { Clock } from "../base/clock.js";
import { CodedError } from "../base/errors.js";
import type { Logger } from "../base/logger.js";
import type { Random } from "../base/random.js";
import type { Store } from "../consensus/consensus.js";
import { AdmissionChain } from "./admission/admission.js";
import { ClaimResize } from "./admission/claim-resize.js";
import { CertificateSigners } from "./admission/certificate-signers.js";
import { defaultTolerationSeconds } from "./admission/default-toleration-seconds.js";
import { LimitRanger } from "./admission/limit-ranger.js";
import { NamespaceLifecycle } from "./admission/namespace-lifecycle.js";
import { NodeRestriction } from "./admission/node-restriction.js";
import { PodPresetAdmission } from "./admission/pod-preset-admission.js";
import { EquivalentKinds } from "./admission/equivalent-kinds.js";
import { MutatingPolicies } from "./admission/mutating-policies.js";
import { MutatingWebhooks } from "./admission/mutating-webhooks.js";
import { ValidatingPolicies } from "./admission/validating-policies.js";
import { ValidatingWebhooks } from "./admission/validating-webhooks.js";
import { DefaultStorageClass } from "./admission/default-storage-class.js";
import { PriorityAdmission } from "./admission/priority-admission.js";
import { RuntimeClassAdmission } from "./admission/runtime-class-admission.js";
import { ServiceRangeAdmission } from "./admission/service-range-admission.js";
import { storageProtection } from "./admission/storage-protection.js";
import { QuotaAdmission } from "./admission/quota-admission.js";
import { RbacEscalation } from "./admission/rbac-escalation.js";
import { ServiceAccountAdmission } from "./admission/service-account.js";
import { Aggregation } from "./aggregation/aggregation.js";
import { type AgentHub, createAgentHub } from "./agents/agent-hub.js";
import type { ServerRelayDeps } from "./agents/server-relay.js";
import { ServerGossip } from "./agents/server-gossip.js";
import { OtherServers } from "./agents/other-servers.js";
import { watchQuorum } from "./agents/quorum-watch.js";
import { ClusterAuthorizer } from "./auth/cluster-authorizer.js";
import { NodeAuthorizer } from "./auth/node-authorizer.js";
import { feedPolicies } from "./auth/policy-feed.js";
import { RbacPolicy } from "./auth/rbac.js";
import { ServiceAccountTokens } from "./auth/service-account-tokens.js";
import { readTokenKeys, type ServiceAccountOptions, type TokenKeys } from "./auth/token-keys.js";
import { Bootstrap, LOOPBACK } from "./bootstrap/bootstrap.js";
import { InternalClient } from "./bootstrap/internal-client.js";
import { OwnWrites } from "./bootstrap/own-writes.js";
import { ServerEndpoints } from "./bootstrap/server-endpoints.js";
import { bootstrapIdentity, isBootstrapToken } from "./cluster/bootstrap-token.js";
import { type ClusterKeys, JoinHandler } from "./cluster/join-handler.js";
import { MembersHandler } from "./cluster/members-handler.js";
import { SnapshotHandler } from "./cluster/snapshot-handler.js";
import { DiscoveryHandler } from "./discovery/discovery-handler.js";
import { RootHandler } from "./discovery/root-handler.js";
import { VersionHandler } from "./discovery/version-handler.js";
import type { HandlerDeps } from "./handlers/deps.js";
import type { ConversionDeps } from "./extension/webhook-conversion.js";
import { CustomKinds } from "./extension/custom-kinds.js";
import { cachedResources, customResource } from "./handlers/kind-view.js";
import { ObjectWriter } from "./handlers/object-writer.js";
import { RenewTimes } from "./handlers/renew-times.js";
import { ObjectRouter } from "./handlers/resource-router.js";
import { OpenApiBuilder } from "./openapi/openapi-builder.js";
import { OpenApiHandler } from "./openapi/openapi-handler.js";
import { CertificateFiles } from "./server/certificate-files.js";
import { FlowControl } from "./server/flow-control.js";
import { type HealthCheck, HealthHandler } from "./server/health.js";
import { readinessChecks } from "./server/readiness-checks.js";
import { Listener } from "./server/listener.js";
import { IssuerHandler } from "./server/issuer-handler.js";
import type { Identity, RawHandler } from "./server/http-types.js";
import { MetricsHandler } from "./server/metrics-handler.js";
import { StateMetricsHandler } from "./state-metrics/state-metrics-handler.js";
import { RequestMetrics } from "./server/request-metrics.js";
import { Router } from "./server/router.js";
import { StallMeter } from "./server/stall-meter.js";
import { pause } from "./server/waiting.js";
import { type AddressRange, parseAddressRange } from "./storage/address-range.js";
import { EventLeases } from "./storage/event-leases.js";
import { Freshness } from "./storage/freshness.js";
import { cachedReader, newestReader } from "./storage/object-readers.js";
import { Reader } from "./storage/reader.js";
import { ServiceAllocator } from "./storage/service-allocator.js";
import { ServiceRanges } from "./storage/service-ranges.js";
import { Storage } from "./storage/storage.js";
import { WatchCache } from "./storage/watch-cache.js";
import { WebhookClient } from "./webhooks/webhook-client.js";
import { WebhookMetrics } from "./webhooks/webhook-metrics.js";
import type { ClientFiles } from "./streaming/client-credentials.js";
import { type PodStreaming, createPodStreaming } from "./streaming/pod-streams-handler.js";

export interface ApiServerOptions {
  readonly store: Store;
  /** With port 0 the system chooses a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Read again when they change. */
  readonly tls: {
    readonly certFile: string;
    readonly keyFile: string;
    readonly clientCaFile: string;
  };
  /** The identity with which agents are called. */
  readonly kubeletClient: ClientFiles;
  /** The identity with which extension API servers are called, and the authority behind it. */
  readonly frontProxy: ClientFiles;
  readonly serviceAccount: ServiceAccountOptions;
  /** Such as 10.96.0.0/16; its first address is kubernetes.default. */
  readonly serviceCidr: string;
  /** Under which pods and other servers reach this one. */
  readonly advertiseAddress: string;
  /** What is handed to servers and agents that join; absent: nobody can join here. */
  readonly clusterKeys?: ClusterKeys;
  /** The product's version, such as 0.1.0. */
  readonly version: string;
  /** What the loops tell of themselves, as Prometheus' text; absent: none run beside it. */
  readonly loopsMetrics?: () => Promise<string>;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface RunningApiServer {
  readonly port: number;
  /** Ends streams, lets short requests finish, closes everything but the store. */
  close(): Promise<void>;
}

/** `BadServiceCidr`: not an IPv4 CIDR of at most /30. */
export type ApiServerErrorCode = "BadServiceCidr";

const CLOSE_GRACE_MS = 5_000;
const GOSSIP_RETRY_MS = 1_000;
const TRIM_PERIOD_MS = 30_000;
/** A server that has just started has more urgent things to do. Who asks earlier waits for them. */
const OPENAPI_DELAY_MS = 20_000;

/**
 * Starts an API server. Throws "BadServiceCidr", "BadServiceAccountKey", "ListenFailed",
 * "BootstrapFailed", or what reading a file threw.
 */
export async function startApiServer(options: ApiServerOptions): Promise<RunningApiServer> {
  const keys = await readTokenKeys(options.serviceAccount);
  const server = new ApiServer(options, { range: serviceRange(options.serviceCidr), keys });
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

function serviceRange(cidr: string): AddressRange {
  const range = parseAddressRange(cidr);
  if (range !== null) return range;
  const message = `${cidr} is no IPv4 CIDR that Services could use`;
  throw new CodedError<ApiServerErrorCode>("BadServiceCidr", message, { details: { cidr } });
}

/** Puts the parts together and runs what runs beside the requests. */
class ApiServer implements RunningApiServer {
  private readonly options: ApiServerOptions;
  private readonly range: AddressRange;
  private readonly cache: WatchCache;
  private readonly customKinds: CustomKinds;
  private readonly gossip: ServerGossip;
  private readonly hub: AgentHub;
  private readonly streaming: PodStreaming;
  private readonly webhooks: WebhookClient;
  private readonly aggregation: Aggregation;
  private readonly keys: TokenKeys;
  private readonly tokens: ServiceAccountTokens;
  private readonly router: Router;
  private readonly files: CertificateFiles;
  private readonly stalls = new StallMeter();
  private readonly openApi: OpenApiBuilder;
  private readonly closing = new AbortController();
  private readonly background: Promise<void>[] = [];
  private listener: Listener | null = null;
  private listeningPort = 0;
  private isBootstrapped = false;

  constructor(options: ApiServerOptions, parts: { range: AddressRange; keys: TokenKeys }) {
    this.options = options;
    this.range = parts.range;
    this.keys = parts.keys;
    const { store, clock, logger, version } = options;
    this.cache = new WatchCache(cachedResources(), {
      store,
      clock,
      logger,
      custom: customResource,
    });
    const ask: ConversionDeps["ask"] = (...question) => this.webhooks.ask(...question);
    this.customKinds = new CustomKinds(this.cache, { ask, newUid: () => randomUUID(), logger });
    const files = options.kubeletClient;
    this.gossip = new ServerGossip({ clock, random: systemRandom, logger, files });
    const witnesses = this.gossip;
    this.hub = createAgentHub({ clock, logger, witnesses, serverVersion: version });
    this.files = new CertificateFiles(options.tls, { clock, logger });
    this.openApi = new OpenApiBuilder(version, this.customKinds);
    const storage = new Storage({ store, cache: this.cache });
    const reader = cachedReader(this.cache);
    this.tokens = new ServiceAccountTokens({
      keys: this.keys,
      issuer: options.serviceAccount.issuer,
      cache: this.cache,
      newest: newestReader(storage),
      clock,
      newId: () => randomUUID(),
    });
    this.streaming = createPodStreaming({
      reader,
      kubeletClient: options.kubeletClient,
      clock,
      logger,
    });
    const { services } = this.streaming;
    this.webhooks = new WebhookClient({ services, clock, userAgent: `raftsman-api/${version}` });
    this.aggregation = new Aggregation({
      cache: this.cache,
      kinds: this.customKinds,
      dialer: services,
      frontProxy: options.frontProxy,
      clock,
      logger,
    });
    this.router = this.createRouter(storage);
  }

  get port(): number {
    return this.listeningPort;
  }

  async start(): Promise<void> {
    const { signal } = this.closing;
    const { logger, clock, listen, store } = this.options;
    this.background.push(this.cache.run(signal), this.trimWindows(signal));
    await this.cache.waitFor(0, signal);
    const tls = await this.files.read();
    const newRequestId = (): string => randomUUID();
    const authenticate = (token: string): Authenticated => this.identityOf(token);
    const service = this.router;
    this.listener = new Listener(tls, { service, clock, logger, newRequestId, authenticate });
    this.listeningPort = await this.listener.listen(listen);
    const { router, range, listeningPort: port } = this;
    const { cache } = this;
    const kinds = (): readonly KindInfo[] => this.customKinds.kinds();
    const { tls: own, frontProxy } = this.options;
    const authorities = { clientCaFile: own.clientCaFile, frontProxyCaFile: frontProxy.caFile };
    const deps = { router, cache, kinds, range, port, authorities, clock, logger };
    const bootstrap = new Bootstrap(deps);
    await bootstrap.ensureAll(signal);
    const endpoints = this.serverEndpoints();
    await endpoints.ensure(signal);
    this.isBootstrapped = true;
    const { listener } = this;
    const others = new OtherServers(store);
    const onChange = (serving: boolean): void => this.hub.setServing(serving || others.none);
    this.background.push(
      bootstrap.run(signal),
      endpoints.run(signal),
      watchQuorum(store, { clock, signal, onChange }),
      this.hub.relay(this.relayDeps(others), signal),
      this.runGossip(others, signal),
      this.runAggregation(signal),
      this.prepareOpenApi(signal),
      this.files.follow(signal, (changed) => listener.reload(changed)),
    );
    logger.info("the API server is listening", { address: listen.host, port });
  }

  private identityOf(token: string): Authenticated {
    const { cache, tokens } = this;
    const nowMs = this.options.clock.nowMs();
    if (isBootstrapToken(token))
      return bootstrapIdentity(token, { reader: cachedReader(cache), nowMs });
    const owner = tokens.authenticate(token);
    if (owner instanceof Promise) return owner.then((found) => found?.identity ?? null);
    return owner?.identity ?? null;
  }

  private runAggregation(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.options;
    const leads = async (): Promise<boolean> => {
      const { memberId, leaderId } = await store.status();
      return memberId === leaderId;
    };
    const client = new InternalClient(this.router, LOOPBACK, clock);
    return this.aggregation.run({ client, leads }, signal);
  }

  private async runGossip(others: OtherServers, signal: AbortSignal): Promise<void> {
    const { store, advertiseAddress, clock } = this.options;
    let memberId: string | null = null;
    while (memberId === null) {
      memberId = await store.status().then(
        (status) => status.memberId,
        () => null,
      );
      if (memberId === null) await pause(clock, GOSSIP_RETRY_MS, signal);
      if (signal.aborted) return;
    }
    const host = isIPv6(advertiseAddress) ? `[${advertiseAddress}]` : advertiseAddress;
    const apiUrl = `https://${host}:${this.listeningPort}`;
    await this.gossip.run({ memberId, apiUrl, otherServers: () => others.urls() }, signal);
  }

  private serverEndpoints(): ServerEndpoints {
    const { store, clock, logger, advertiseAddress: address } = this.options;
    const client = new InternalClient(this.router, LOOPBACK, clock);
    const own = { address, port: this.listeningPort };
    return new ServerEndpoints({ store, client, own, clock, logger });
  }

  private relayDeps(others: OtherServers): ServerRelayDeps {
    const { clock, logger, kubeletClient, version } = this.options;
    const deps = { clock, logger, random: systemRandom };
    const connect = (server: string): ApiClient => {
      const userAgent = `raftsman-relay/${version}`;
      return createApiClient({ ...kubeletClient, servers: [server], userAgent }, deps);
    };
    return { ...deps, connect, otherServers: () => others.urls() };
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.hub.close();
    this.streaming.close();
    this.aggregation.cutOff();
    await this.listener?.close(CLOSE_GRACE_MS);
    this.aggregation.close();
    this.webhooks.close();
    await this.openApi.close();
    this.stalls.stop();
    await Promise.all(this.background);
  }

  private createRouter(storage: Storage): Router {
    const { clock, logger } = this.options;
    const rbac = new RbacPolicy();
    const policies = { rbac, nodes: new NodeAuthorizer() };
    feedPolicies(this.cache, policies);
    const authorizer = new ClusterAuthorizer(policies);
    const flow = new FlowControl();
    const registry = new Registry();
    const deps = this.handlerDeps(storage, { authorizer, rbac, registry });
    const { store } = this.options;
    const reader = new Reader({ ...deps, store });
    const writer = new ObjectWriter(deps, new EventLeases({ store, clock }));
    const { aggregation, gossip, streaming } = this;
    const plugged = streaming.subresourceHandlers;
    return new Router({
      authorizer,
      flow,
      resources: aggregation.around(new ObjectRouter({ ...deps, reader, writer }, plugged)),
      raw: [...this.rawHandlers(registry, flow), ...this.clusterHandlers(storage)],
      upgrades: [this.hub.upgrade, gossip.upgrade, streaming.upgradeHandler, aggregation.upgrade],
      metrics: new RequestMetrics(registry),
      clock,
      logger,
    });
  }

  private handlerDeps(
    storage: Storage,
    parts: { authorizer: ClusterAuthorizer; rbac: RbacPolicy; registry: Registry },
  ): HandlerDeps {
    const { store, clock, logger } = this.options;
    const { authorizer, rbac, registry } = parts;
    const { cache } = this;
    const random = systemRandom;
    const renewTimes = new RenewTimes();
    const newUid = (): string => randomUUID();
    const ranges = new ServiceRanges(this.range, { cache, store });
    const readers = { cached: cachedReader(cache), newest: newestReader(storage) };
    const lifecycle = new NamespaceLifecycle(readers);
    const own = new OwnWrites(() => this.router, { clock, logger });
    const createDefault = (namespace: string): Promise<void> => own.createAccount(namespace);
    const serviceAccounts = new ServiceAccountAdmission({ ...readers, random, createDefault });
    const equivalents = new EquivalentKinds(this.customKinds);
    const { newest } = readers;
    const { customKinds } = this;
    const admissionPolicies = { cache, newest, equivalents, customKinds, authorizer, logger };
    const webhooks = {
      client: this.webhooks,
      cache,
      newest: readers.newest,
      equivalents,
      metrics: new WebhookMetrics(registry),
      authorizer,
      clock,
      newUid: () => randomUUID(),
      logger,
    };
    return {
      store,
      storage,
      cache,
      freshness: new Freshness({ store, cache }),
      admission: new AdmissionChain([
        lifecycle,
        new PodPresetAdmission({ cache, record: (event) => own.recordEvent(event) }),
        serviceAccounts,
        defaultTolerationSeconds,
        new LimitRanger(cache),
        new PriorityAdmission({ ...readers, cache }),
        new DefaultStorageClass({ cache }),
        storageProtection,
        new RuntimeClassAdmission(readers),
        new ServiceRangeAdmission({ ranges, cache, newest: readers.newest }),
        new ClaimResize(readers.cached),
        new NodeRestriction(readers.newest),
        new RbacEscalation({ rbac, authorizer }),
        new CertificateSigners(authorizer),
        new MutatingPolicies(admissionPolicies),
        new MutatingWebhooks(webhooks),
        new ValidatingPolicies(admissionPolicies),
        new ValidatingWebhooks(webhooks),
      ]),
      authorizer,
      tokens: this.tokens,
      quotas: new QuotaAdmission({ cache, storage, clock }),
      allocator: new ServiceAllocator(ranges, { random, store, clock, newUid }),
      renewTimes,
      customKinds: this.customKinds,
      usage: this.hub.usage,
      overlays: [...this.hub.overlays, renewTimes],
      clock,
      random,
      newUid,
      logger,
    };
  }

  private rawHandlers(
    registry: Registry,
    flow: FlowControl,
  ): ConstructorParameters<typeof Router>[0]["raw"] {
    const { store, version, advertiseAddress, listen } = this.options;
    return [
      new HealthHandler({ live: [{ name: "ping", run: async () => null }], ready: this.checks() }),
      new VersionHandler(version),
      new RootHandler(this.aggregation.groups),
      this.aggregation.version,
      new DiscoveryHandler(this.aggregation.groups, `${advertiseAddress}:${listen.port}`),
      new OpenApiHandler(this.openApi, () => this.aggregation.openApiUrls()),
      this.issuerHandler(),
      new MetricsHandler(registry, {
        store,
        cache: this.cache,
        flow,
        stalls: this.stalls,
        loops: this.options.loopsMetrics ?? (() => Promise.resolve("")),
        clock: this.options.clock,
      }),
      new StateMetricsHandler(this.cache),
      this.hub.liveness,
      this.hub.usageFeed,
    ];
  }

  /** What concerns the group of servers itself. */
  private clusterHandlers(storage: Storage): RawHandler[] {
    const { store, clock, logger, clusterKeys } = this.options;
    const own = [new MembersHandler(store), new SnapshotHandler(store)];
    if (clusterKeys === undefined) return own;
    const deps = { store, reader: newestReader(storage), clock, logger };
    return [...own, new JoinHandler(clusterKeys, deps)];
  }

  private issuerHandler(): IssuerHandler {
    const { advertiseAddress, listen, serviceAccount } = this.options;
    const address = `${advertiseAddress}:${listen.port}`;
    return new IssuerHandler({ issuer: serviceAccount.issuer, address, keys: this.keys });
  }

  private checks(): HealthCheck[] {
    return readinessChecks({
      readIndex: () => this.options.store.readIndex(),
      isCacheFilled: () => this.cache.ready,
      isBootstrapped: () => this.isBootstrapped,
    });
  }

  /** Clients that apply ask for the schema first: it is there before most of them come. */
  private async prepareOpenApi(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.options;
    await pause(clock, OPENAPI_DELAY_MS, signal);
    if (signal.aborted) return;
    try {
      await this.openApi.documents();
    } catch (error) {
      if (!signal.aborted) logger.error("the OpenAPI documents could not be made", { error });
    }
  }

  /** What the store no longer keeps need not be kept here. */
  private async trimWindows(signal: AbortSignal): Promise<void> {
    const { store, clock, logger } = this.options;
    while (!signal.aborted) {
      await pause(clock, TRIM_PERIOD_MS, signal);
      if (signal.aborted) return;
      try {
        this.cache.trimWindows((await store.status()).compactRevision);
      } catch (error) {
        logger.debug("the store's status could not be read", { error });
      }
    }
  }
}

type Authenticated = Identity | null | Promise<Identity | null>;

const systemRandom: Random = {
  below: (bound) => Math.floor((randomBytes(6).readUIntBE(0, 6) / 2 ** 48) * bound),
};
