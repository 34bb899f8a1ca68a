import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Pod } from "../../../api/schema/types/core-v1.gen.js";
import { LongRunning, during, httpGet } from "../kubectl-steps/long-running.js";
import { until } from "../until.js";
import { CONNECTION_PODS, type ContainerSession, IMAGE } from "./kubectl-manifests.js";

/** From this minor version on, exec and attach can speak SPDY and WebSocket both. */
const CHOOSES_EXEC = 29;
const CHOOSES_FORWARD = 30;

/** logs, exec, attach, cp, port-forward, proxy, run and debug, against containers. */
export async function kubectlStreams(session: ContainerSession): Promise<void> {
  const { kubectl, ns } = session;
  await kubectl.ok(["apply", ...ns, "-f", "-"], { stdin: CONNECTION_PODS });
  await logs(session);
  await exec(session);
  await attach(session);
  await copy(session);
  await portForward(session);
  if (session.thorough) await proxy(session);
  await run(session);
  await debug(session);
}

async function firstPod({ kubectl, ns, name }: ContainerSession): Promise<string> {
  const { items } = await kubectl.json<{ items: Pod[] }>([
    "get",
    ...ns,
    "pods",
    "-l",
    `app=${name}`,
  ]);
  return items[0]?.metadata.name ?? "";
}

async function logs(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, name, version, thorough } = session;
  const pod = await firstPod(session);
  const logs = (...args: string[]): Promise<string> => kubectl.ok(["logs", ...ns, ...args]);
  t.match(await logs(pod, "-c", "side"), /^side is here$/m);
  t.equal((await logs(pod, "-c", "main", "--tail=3")).trim().split("\n").length, 3);
  const selected = ["-l", `app=${name}`, "--all-containers", "--prefix"];
  if (thorough) await logOptions(session, { pod, selected });
  const follow = ["logs", ...ns, "-f", ...selected, "--max-log-requests=4", "--tail=1"];
  await during(session, follow, async (following) => {
    const seen = async (): Promise<boolean> => {
      const lines = following.printed.match(/^\[pod\/\S+\/main\] line \d+$/gm) ?? [];
      const pods = new Set(lines.map((line) => line.split("/")[1]));
      return pods.size === 2 && lines.length > 10;
    };
    await until("more lines of both pods", seen);
    t.pass(`${version}: logs -f of many pods`);
  });
}

async function logOptions(
  { t, kubectl, ns, name, version }: ContainerSession,
  { pod, selected }: { readonly pod: string; readonly selected: readonly string[] },
): Promise<void> {
  const logs = (...args: string[]): Promise<string> => kubectl.ok(["logs", ...ns, ...args]);
  t.match(await logs(`deployment/${name}`, "-c", "side"), /^side is here$/m);
  t.match(await logs(pod, "-c", "main", "--since=5s"), /^line \d+$/m);
  t.match(await logs(pod, "-c", "main", "--limit-bytes=6"), /^line 1$/);
  t.match(await logs(pod, "-c", "side", "--timestamps"), /^\d{4}-\S+Z side is here$/m);
  const prefixed = await logs(...selected, "--tail=1");
  for (const container of ["main", "side"])
    t.equal(
      new Set(prefixed.match(new RegExp(`^\\[pod/${name}-[^/]+/${container}\\]`, "gm"))).size,
      2,
      `${version}: logs -l --prefix --all-containers: ${container} of both pods`,
    );
  const few = await kubectl.run(["logs", ...ns, "-f", ...selected, "--max-log-requests=3"]);
  t.match(few, { code: 1, stderr: /4 log streams.*maximum allowed concurrency is 3/ });
  const previous = await kubectl.run(["logs", ...ns, pod, "-c", "main", "-p"]);
  t.match(previous, {
    code: 1,
    stderr: /previous terminated container "main" in pod .* not found/,
  });
}

async function exec(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, name, version, minor, thorough } = session;
  const pod = await firstPod(session);
  const run = (args: readonly string[], stdin?: string, env: Record<string, string> = {}) =>
    kubectl.run(
      ["exec", ...ns, ...(stdin === undefined ? [] : ["-i"]), pod, "-c", "main", "--", ...args],
      { env, ...(stdin === undefined ? {} : { stdin }) },
    );
  const both = await run(["sh", "-c", "echo out; echo err >&2; exit 7"]);
  t.match(both, { code: 7, stdout: "out\n", stderr: /err/ });
  const text = "x".repeat(200_000);
  const spoken = minor >= CHOOSES_EXEC ? ["true", "false"] : [""];
  for (const value of spoken) {
    const env = value === "" ? {} : { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: value };
    const cat = await run(["sh", "-c", "cat; exit 3"], text, env);
    t.match([cat.code, cat.stdout.length], [3, text.length], `${version}: stdin ${value}`);
  }
  t.equal((await run(["wc", "-c"], text)).stdout.trim(), "200000", "stdin ends");
  const line = ["exec", ...ns, "-it", pod, "-c", "main", "--", "sh", "-c", "tty; exit 5"];
  const terminal = await kubectl.runInTerminal(line);
  t.match(terminal, { code: 5, stdout: /^\/dev\/pts\/\d+\r?$/m }, `${version}: with a terminal`);
  if (!thorough) return;
  t.match(await run(["echo", "hello"]), { code: 0, stdout: "hello\n" });
  t.match(await run(["/no/such"]), { code: 1, stderr: /no such file/ });
  t.match(await kubectl.ok(["exec", ...ns, `deploy/${name}`, "--", "hostname"]), /^m1-/);
  const sized = ["exec", ...ns, "-it", pod, "-c", "main", "--"];
  const stty = await kubectl.runInTerminal(
    [...sized, "sh", "-c", "until stty size | grep -v '^0 0'; do :; done"],
    { rows: 33, columns: 101 },
  );
  t.match(stty.stdout, /^33 101\r?$/m, `${version}: the terminal's size`);
}

async function attach(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, version } = session;
  await kubectl.ok(["wait", ...ns, "--for=condition=Ready", "pod/reader", "--timeout=60s"]);
  // Attached without stdin: it sees what others type.
  await during(session, ["attach", ...ns, "reader"], async (watcher) => {
    const typist = new LongRunning(session, ["attach", ...ns, "-i", "reader"]);
    try {
      // Nothing says when a stream is attached: it is typed until it is heard.
      await until("both to be attached", async () => {
        typist.child.stdin?.write("hello\n");
        return typist.printed.includes("got hello") && watcher.printed.includes("got hello");
      });
      typist.child.stdin?.end("last\n");
      // The container's stdin is open once: it ends with this one.
      await watcher.says(/got last\nended/);
      t.equal(await watcher.ended, 0, `${version}: attach ends with the container`);
      t.equal(await typist.ended, 0, `${version}: attach -i: a half-closed stdin arrives`);
    } finally {
      await typist.kill();
    }
  });
  const done = "--for=jsonpath={.status.phase}=Succeeded";
  await kubectl.ok(["wait", ...ns, done, "pod/reader", "--timeout=60s"]);
  t.match(await kubectl.run(["attach", ...ns, "reader"]), {
    code: 1,
    stderr: /cannot attach a container in a completed pod/,
  });
}

async function copy(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, name, version, home, thorough } = session;
  const pod = await firstPod(session);
  const folder = join(home, `cp-${name}`);
  mkdirSync(join(folder, "deep/er"), { recursive: true });
  const bytes = randomBytes(3_000_001);
  writeFileSync(join(folder, "blob"), bytes);
  writeFileSync(join(folder, "deep/er/note"), "a note\n");
  const cp = (...args: string[]): Promise<string> => kubectl.ok(["cp", ...args, "-c", "main"]);
  await cp(join(folder, "blob"), `${name}/${pod}:/tmp/blob`);
  await cp(`${name}/${pod}:/tmp/blob`, join(folder, "back"));
  t.ok(readFileSync(join(folder, "back")).equals(bytes), `${version}: cp both ways, byte for byte`);
  if (!thorough) return;
  await cp(join(folder, "deep"), `${pod}:/tmp/deep`, ...ns);
  await cp(`${pod}:/tmp/deep`, join(folder, "deep-back"), ...ns, "--retries=2");
  t.equal(readFileSync(join(folder, "deep-back/er/note"), "utf8"), "a note\n");
  t.same(readdirSync(join(folder, "deep-back"), { recursive: true }), ["er", "er/note"]);
  // What kubectl ends with depends on whether the archive's end or the exit code came first.
  await kubectl.run(["cp", ...ns, `${pod}:/tmp/none`, join(folder, "none")]);
  t.notOk(existsSync(join(folder, "none")));
}

/** Says it and ends its half of the connection; what came back until the other half ended. */
function askOnce(port: number, said: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket: Socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.once("end", () => resolve(answer));
    socket.once("error", reject);
    socket.end(said);
  });
}

async function portForward(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, version, minor, thorough } = session;
  await kubectl.ok(["wait", ...ns, "--for=condition=Ready", "pod/web", "--timeout=60s"]);
  const spoken = minor >= CHOOSES_FORWARD ? ["true", "false"] : [""];
  for (const value of spoken) {
    const env = value === "" ? {} : { KUBECTL_PORT_FORWARD_WEBSOCKETS: value };
    const args = ["port-forward", ...ns, "pod/web", ":7000", ":7001"];
    const forward = new LongRunning(session, args, env);
    try {
      const said = await forward.says(/127\.0\.0\.1:\d+ -> 7000[^]*127\.0\.0\.1:\d+ -> 7001/);
      const [page = 0, echo = 0] = [...said.matchAll(/127\.0\.0\.1:(\d+) ->/g)].map(([, p]) =>
        Number(p),
      );
      const pages = Array.from({ length: 8 }, () =>
        httpGet({ host: "127.0.0.1", port: page, path: "/" }),
      );
      // containerd tells the pod nothing of a client's end, but what comes back is passed on.
      const answers = ["one", "two"].map((word) => askOnce(echo, `${word}\n`));
      t.same(
        (await Promise.all(pages)).map(({ body }) => body),
        pages.map(() => "the page\n"),
        `${version}: port-forward of eight connections ${value}`,
      );
      t.same(
        await Promise.all(answers),
        ["got one\n", "got two\n"],
        `${version}: port-forward of half-closed connections ${value}`,
      );
    } finally {
      await forward.kill();
    }
  }
  if (!thorough) return;
  await during(session, ["port-forward", ...ns, "service/web", ":80"], async (forward) => {
    const said = await forward.says(/127\.0\.0\.1:\d+ -> 7000/);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    const { body } = await httpGet({ host: "127.0.0.1", port, path: "/" });
    t.equal(body, "the page\n", `${version}: port-forward to a service`);
  });
}

async function proxy(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, name, version } = session;
  const path = `/api/v1/namespaces/${name}/services/web:80/proxy/`;
  await during(session, ["proxy", "--port=0"], async (proxy) => {
    const port = Number(/:(\d+)/.exec(await proxy.says(/serve on \S+:\d+/))?.[1]);
    const { body } = await httpGet({ host: "127.0.0.1", port, path });
    t.equal(body, "the page\n", `${version}: proxy to a service`);
  });
  const pod = `/api/v1/namespaces/${name}/pods/web:7000/proxy/`;
  t.equal(await kubectl.ok(["get", ...ns, "--raw", pod]), "the page\n");
}

async function run(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, version, thorough } = session;
  const once = ["run", ...ns, "--rm", `--image=${IMAGE}`, "--restart=Never", "--quiet"];
  const failed = await kubectl.run([...once, "-i", "ends", "--", "sh", "-c", "cat; exit 3"], {
    stdin: "piped\n",
  });
  t.match(failed, { code: 3, stdout: /^piped$/m }, `${version}: run -i --rm passes the exit code`);
  if (!thorough) return;
  // What is typed waits in the terminal until the container reads it.
  const shell = ["read x; tty; echo read-$x; exit 4"];
  const terminal = await kubectl.runInTerminal(
    [...once, "-it", "tty", "--", "sh", "-c", ...shell],
    {
      types: "word\n",
    },
  );
  t.match(
    terminal,
    { code: 4, stdout: /\/dev\/[^]*read-word/ },
    `${version}: run --rm -it has a terminal`,
  );
  const attaching = ["run", ...ns, "said", `--image=${IMAGE}`, "--restart=Never", "--attach"];
  const says = ["--quiet", "--", "sh", "-c", "sleep 1; echo said"];
  const attached = await kubectl.run([...attaching, ...says]);
  t.match(attached, { code: 0, stdout: /^said$/m }, `${version}: run --attach`);
  t.equal(await kubectl.ok(["logs", ...ns, "said"]), "said\n");
  const left = await kubectl.ok(["get", ...ns, "pod", "said", "ends", "tty", "--ignore-not-found"]);
  t.match(left, /^NAME.*\nsaid +0\/1 +Completed .*\n$/, `${version}: --rm removes the pod`);
}

async function debug(session: ContainerSession): Promise<void> {
  const { t, kubectl, ns, version, thorough } = session;
  const debugging = ["debug", ...ns, "web", `--image=${IMAGE}`, "-c", "dbg", "-i"];
  /** Types into the shell of a debugging container until it prints `what`, and leaves it. */
  const sees = async (args: readonly string[], typed: string, what: RegExp): Promise<void> => {
    await during(session, [...debugging, ...args, "--", "sh"], async (shell) => {
      // Nothing says when kubectl is attached. The end of stdin would end the output too: the
      // container's stdin may be opened again.
      await until(`${String(what)} from debug ${args.join(" ")}`, async () => {
        shell.child.stdin?.write(`${typed}\n`);
        return what.test(shell.printed);
      });
      shell.child.stdin?.write("exit\n");
      t.equal(await shell.ended, 0, `${version}: debug ${args.join(" ")}`);
    });
  };
  await sees(["--target=main"], "ps", /httpd -f/);
  if (!thorough) return;
  await sees(["--copy-to=web-copy"], "hostname", /^web-copy$/m);
  t.match(await kubectl.ok(["get", ...ns, "pod", "web-copy"]), /web-copy +\d\/2/);
}
