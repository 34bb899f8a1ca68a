import type { ClientHttp2Stream } from "node:http2";
import { setTimeout } from "node:timers/promises";
import type { BenchCluster } from "./bench-cluster.js";
import { Http2Load } from "./http2-load.js";
import { alone, percentile, type BenchResult } from "./report.js";
import { freshMetrics, serverMetrics } from "./server-metrics.js";

const PODS = 10_000;
const WATCHERS = 1_000;
const WATCHED_WRITES = 200;
/** Fan-out to all watchers takes a fraction of this, on either side. */
const WATCHED_WRITE_PERIOD_MS = 50;
const CONNECTIONS = 10;
const LISTS = 20;
const GZIP = { "accept-encoding": "gzip" };
/** `"name":"w-199"` and some. */
const NAME_LENGTH_MAX = 24;
const NAMESPACE = "/api/v1/namespaces/default";

/** Creates, gets, lists and watch fan-out over real TLS, HTTP/2, one server, fsync on. */
export async function api(cluster: BenchCluster): Promise<BenchResult[]> {
  const load = new Http2Load(cluster.endpoint, {
    pkiDir: cluster.pkiDir,
    connections: CONNECTIONS,
  });
  try {
    return [
      ...(await creates(load)),
      ...(await gets(load)),
      ...(await lists(load)),
      ...(await watchFanOut(load)),
    ];
  } finally {
    load.close();
  }
}

async function creates(load: Http2Load): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const [clients, count] of [
    [1, 500],
    [10, 2_000],
    [100, 5_000],
  ] as const) {
    const { timesMs, totalMs } = await load.drive(count, {
      clients,
      request: (n) => ["POST", `${NAMESPACE}/configmaps`, configMap(`c${clients}-${n}`)],
    });
    results.push(perSecond(`create ConfigMap of 1 KiB, ${clients} clients`, { timesMs, totalMs }));
  }
  return results;
}

async function gets(load: Http2Load): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const clients of [1, 100]) {
    const { timesMs, totalMs } = await load.drive(clients === 1 ? 2_000 : 20_000, {
      clients,
      request: (n) => ["GET", `${NAMESPACE}/configmaps/c100-${n % 5_000}`],
    });
    results.push(perSecond(`get ConfigMap, ${clients} clients`, { timesMs, totalMs }));
  }
  return results;
}

async function lists(load: Http2Load): Promise<BenchResult[]> {
  await load.drive(PODS, {
    clients: 100,
    request: (n) => ["POST", `${NAMESPACE}/pods`, pod(`p-${n}`)],
  });
  const results: BenchResult[] = [];
  for (const [name, query, headers] of [
    ["consistent", "", {}],
    ["from cache (resourceVersion=0)", "?resourceVersion=0", {}],
    // As Go's clients ask; the first one compresses.
    ["gzip, first", "?resourceVersion=0", GZIP],
    ["gzip, from cache", "?resourceVersion=0", GZIP],
  ] as const) {
    const before = await freshMetrics(load);
    const { timesMs, totalMs, bytes } = await load.drive(LISTS, {
      clients: 1,
      request: () => ["GET", `${NAMESPACE}/pods${query}`],
      headers,
    });
    const after = await serverMetrics(load);
    const size = `${(bytes / LISTS / 1e6).toFixed(1)} MB`;
    const list = `list ${PODS} Pods, ${size}, ${name}`;
    const cpuMs = ((after.cpuSeconds - before.cpuSeconds) * 1000) / LISTS;
    results.push(
      perSecond(list, { timesMs, totalMs }),
      alone(`${list}: CPU of the API process`, { unit: "ms", ours: cpuMs, n: LISTS }),
      alone(`${list}: longest stall`, { unit: "ms", ours: after.stallMs, n: LISTS }),
      alone(`${list}: growth of resident memory`, {
        unit: "MB",
        ours: (after.residentBytes - before.residentBytes) / 1e6,
        n: LISTS,
      }),
    );
  }
  return results;
}

/** Paced, so that what is measured is the delay of an event and not the queue before it. */
async function watchFanOut(load: Http2Load): Promise<BenchResult[]> {
  const readers: WatchReader[] = [];
  const expected = WATCHERS * WATCHED_WRITES;
  const sentMs = new Map<string, number>();
  const delaysMs: number[] = [];
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const seen = (name: string): void => {
    delaysMs.push(performance.now() - (sentMs.get(name) ?? Number.NaN));
    if (delaysMs.length === expected) finish();
  };
  const path = `${NAMESPACE}/configmaps?watch=1&labelSelector=${encodeURIComponent("bench=watch")}`;
  for (let watcher = 0; watcher < WATCHERS; watcher += 1) {
    readers.push(new WatchReader(load.open("GET", path), seen));
  }
  await Promise.all(readers.map((reader) => reader.opened));
  const before = await freshMetrics(load);
  for (let n = 0; n < WATCHED_WRITES; n += 1) {
    const startMs = performance.now();
    sentMs.set(`w-${n}`, startMs);
    await load.call("POST", `${NAMESPACE}/configmaps`, configMap(`w-${n}`, "watch"));
    await setTimeout(Math.max(0, startMs + WATCHED_WRITE_PERIOD_MS - performance.now()));
  }
  await finished;
  const after = await serverMetrics(load);
  for (const reader of readers) reader.close();
  const cpuUs = ((after.cpuSeconds - before.cpuSeconds) * 1e6) / expected;
  const what = `watch of ${WATCHERS} on ${CONNECTIONS} connections`;
  return [
    alone(`${what}: from the create call to each watcher`, {
      unit: "ms p50",
      ours: percentile(delaysMs, 50),
      timesMs: delaysMs,
      n: expected,
    }),
    alone(`${what}: CPU of the API process per event and watcher`, {
      unit: "µs",
      ours: cpuUs,
      n: expected,
    }),
    alone(`${what}: longest stall`, { unit: "ms", ours: after.stallMs, n: expected }),
  ];
}

/** Names the watched objects in a stream of events; a name may be cut in two by chunks. */
class WatchReader {
  readonly opened: Promise<unknown>;
  private readonly stream: ClientHttp2Stream;
  private rest = "";

  constructor(stream: ClientHttp2Stream, seen: (name: string) => void) {
    this.stream = stream;
    this.opened = new Promise((resolve) => stream.once("response", resolve));
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => {
      const text = this.rest + chunk.toString("latin1");
      let end = 0;
      for (const match of text.matchAll(/"name":"(w-\d+)"/gu)) {
        seen(match[1] ?? "");
        end = match.index + match[0].length;
      }
      this.rest = text.slice(Math.max(end, text.length - NAME_LENGTH_MAX));
    });
  }

  close(): void {
    this.stream.destroy();
  }
}

function perSecond(
  name: string,
  { timesMs, totalMs }: { timesMs: readonly number[]; totalMs: number },
): BenchResult {
  const ours = (timesMs.length / totalMs) * 1000;
  return alone(name, { unit: "per second", ours, timesMs, n: timesMs.length });
}

function configMap(name: string, bench = "data"): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, labels: { bench } },
    data: { text: "x".repeat(1024) },
  });
}

/** No scheduler takes it: this measures the API alone. */
function pod(name: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: `app-${name.length}`, bench: "list" } },
    spec: {
      schedulerName: "nobody",
      containers: [
        {
          name: "main",
          image: "registry.example/team/service:1.2.3",
          args: ["--listen=:8080", "--log-level=info"],
          env: Array.from({ length: 8 }, (_, n) => ({ name: `SETTING_${n}`, value: `value ${n}` })),
          ports: [{ name: "http", containerPort: 8080 }],
          resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "256Mi" } },
          readinessProbe: { httpGet: { path: "/healthz", port: "http" } },
        },
      ],
    },
  });
}
