import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { until } from "../until.js";
import type { Session } from "./step.js";

/** A kubectl that goes on, and what it has said so far. */
export class LongRunning {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  private text = "";

  constructor(
    { kubectl }: Pick<Session, "kubectl">,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.child = kubectl.start(args, env);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (chunk: Buffer) => (this.text += chunk.toString()));
    this.ended = once(this.child, "close").then(([code]) => (code as number | null) ?? 255);
  }

  get printed(): string {
    return this.text;
  }

  /** Resolves when it has said so. Rejects after a minute, or when it ended without. */
  says(what: RegExp): Promise<string> {
    return until(`${String(what)} in: ${this.text}`, async () => {
      if (what.test(this.text)) return this.text;
      if (this.child.exitCode !== null) throw new Error(`ended: ${this.text}`);
      return null;
    });
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** Runs what `act` does with a kubectl that goes on, and ends it. */
export async function during(
  session: Pick<Session, "kubectl">,
  args: readonly string[],
  act: (running: LongRunning) => Promise<void>,
): Promise<void> {
  const running = new LongRunning(session, args);
  try {
    await act(running);
  } finally {
    await running.kill();
  }
}

/** Watches, waits, drains and proxies: what goes on while something else happens. */
export async function longRunningLines(session: Session): Promise<void> {
  await watches(session);
  await waits(session);
  await drainWithBudget(session);
  await proxies(session);
}

async function watches(session: Session): Promise<void> {
  const { t, kubectl, version } = session;
  await kubectl.ok(["create", "configmap", "seen", "--from-literal=a=1"]);
  const args = ["get", "cm", "-w", "--output-watch-events", "--field-selector=metadata.name=seen"];
  const change = async (data: string): Promise<void> => {
    await kubectl.ok(["patch", "cm", "seen", "-p", `{"data":{"a":"${data}"}}`]);
  };
  await during(session, args, async (watch) => {
    await watch.says(/^EVENT +NAME +DATA +AGE\nADDED +seen +1 /mu);
    await change("2");
    await watch.says(/^MODIFIED +seen /mu);
    await during(session, ["get", "cm", "seen", "--watch-only", "-o", "name"], async (only) => {
      await during(session, ["get", "cm", "seen", "-w", "-o", "json"], async (json) => {
        await json.says(/"a": "2"/u);
        // `--watch-only` has begun when it shows a change.
        await until("the watch to begin", async () => {
          await change(String(performance.now()));
          return only.printed.includes("configmap/seen");
        });
        await json.says(/"a": "\d{3,}/u);
      });
    });
    await kubectl.ok(["delete", "cm", "seen"]);
    await watch.says(/^DELETED +seen /mu);
    t.pass(`${version}: get -w, --watch-only, --output-watch-events`);
  });
  await during(session, ["events", "--watch"], async (events) => {
    await kubectl.ok(["create", "deployment", "noisy", "--image=x"]);
    await events.says(/ScalingReplicaSet +Deployment\/noisy/u);
    await kubectl.ok(["delete", "deployment", "noisy"]);
    t.pass(`${version}: events --watch`);
  });
}

async function waits(session: Session): Promise<void> {
  const { t, kubectl, minor, version } = session;
  await kubectl.ok(["create", "configmap", "gone"]);
  await kubectl.ok([
    "patch",
    "cm",
    "gone",
    "-p",
    '{"metadata":{"finalizers":["a.example.com/b"]}}',
  ]);
  await kubectl.ok(["delete", "cm", "gone", "--wait=false"]);
  const wait = new LongRunning(session, ["wait", "--for=delete", "cm/gone", "--timeout=60s"]);
  await kubectl.ok(["patch", "cm", "gone", "-p", '{"metadata":{"finalizers":null}}']);
  t.equal(await wait.ended, 0, `${version}: wait --for=delete ends when it is gone`);
  if (minor < 31) return;
  const create = new LongRunning(session, ["wait", "--for=create", "cm/later", "--timeout=60s"]);
  await kubectl.ok(["create", "configmap", "later"]);
  t.equal(await create.ended, 0, `${version}: wait --for=create ends when it is there`);
  await kubectl.ok(["delete", "cm", "later"]);
}

/** An eviction that a budget forbids is answered 429, and tried again until it may be. */
async function drainWithBudget(session: Session): Promise<void> {
  const { t, kubectl, version } = session;
  await kubectl.ok(["create", "deployment", "guarded", "--image=x"]);
  await kubectl.ok(["create", "pdb", "guard", "--selector=app=guarded", "--min-available=1"]);
  await kubectl.ok(["rollout", "status", "deployment/guarded", "--timeout=60s"]);
  const args = ["drain", "n1", "--pod-selector=app=guarded", "--timeout=60s"];
  await during(session, args, async (drain) => {
    await drain.says(/Cannot evict pod as it would violate the pod's disruption budget/u);
    await kubectl.ok(["delete", "pdb", "guard"]);
    t.equal(await drain.ended, 0, `${version}: drain goes on when the budget allows it`);
    t.match(drain.printed, /pod\/guarded-\S+ evicted\n[^]*node\/n1 drained/u);
  });
  await kubectl.ok(["uncordon", "n1"]);
  await kubectl.ok(["delete", "deployment", "guarded"]);
}

async function proxies(session: Session): Promise<void> {
  const { t, files, version, thorough } = session;
  await during(session, ["proxy", "--port=0"], async (proxy) => {
    const said = await proxy.says(/Starting to serve on 127\.0\.0\.1:\d+/u);
    const port = Number(/:(\d+)/u.exec(said)?.[1]);
    const list = await httpGet({ host: "127.0.0.1", port, path: "/api/v1/namespaces" });
    t.match(list, { status: 200, body: /"kind":"NamespaceList"/u }, `${version}: proxy`);
    const exec = await httpGet({
      host: "127.0.0.1",
      port,
      path: "/api/v1/namespaces/x/pods/y/exec",
    });
    t.equal(exec.status, 403, `${version}: proxy keeps exec out`);
  });
  if (!thorough) return;
  const socketPath = join(files, "proxy.sock");
  await during(session, ["proxy", `--unix-socket=${socketPath}`], async (proxy) => {
    await proxy.says(/Starting to serve on/u);
    const info = await httpGet({ socketPath, path: "/version" });
    t.match(info, { status: 200, body: /"minor": ?"36"/u }, `${version}: proxy --unix-socket`);
  });
  const www = ["proxy", "--port=0", `--www=${join(files, "conf")}`, "--api-prefix=/k8s/"];
  await during(session, www, async (proxy) => {
    const port = Number(/:(\d+)/u.exec(await proxy.says(/serve on \S+:\d+/u))?.[1]);
    const file = await httpGet({ host: "127.0.0.1", port, path: "/static/one" });
    t.match(file, { status: 200, body: "1" }, `${version}: proxy --www`);
    const api = await httpGet({ host: "127.0.0.1", port, path: "/k8s/api" });
    t.equal(api.status, 200, `${version}: proxy --api-prefix`);
  });
}

/** Fetches what a kubectl serves. */
export function httpGet(
  where: { readonly path: string } & (
    | { readonly host: string; readonly port: number }
    | { readonly socketPath: string }
  ),
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.once("error", reject);
    sent.end();
  });
}
