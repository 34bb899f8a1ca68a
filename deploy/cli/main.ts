/**
 * The `raftsman` command. Each sub-command loads its own code: `raftsman version` loads no server.
 */
import { Command, CommanderError, Option } from "commander";
import { RAFTSMAN_VERSION } from "../version.js";
import { CommandError, EXIT, printError, type OutputFormat } from "./output.js";

const program = new Command("raftsman")
  .description("A container orchestrator that speaks the Kubernetes API and needs no etcd.")
  .version(RAFTSMAN_VERSION)
  .showHelpAfterError("(add --help for the options)")
  .configureOutput({
    // As JSON an error is printed once, at the end.
    writeErr: (text) => void (wantedFormat() === "json" || process.stderr.write(text)),
  })
  .exitOverride();

const cluster = (): Option =>
  new Option("--name <cluster>", "name of the cluster").default("dev").env("RAFTSMAN_CLUSTER");
const output = (): Option =>
  new Option("-o, --output <format>", "how to print data")
    .choices(["table", "json"])
    .default("table");

program
  .command("up")
  .description(
    "start a local cluster, or what is dead of it; deploy the example and fetch its page",
  )
  .addOption(cluster())
  .option("--servers <n>", "how many servers", "1")
  .option("--nodes <n>", "how many nodes", "1")
  .option("--server-nodes", "servers are nodes too, for pods that tolerate their taint")
  .option("--empty", "do not deploy the example")
  .addOption(
    new Option("--runtime <runtime>", "what runs the pods")
      .choices(["containerd", "hollow"])
      .default("containerd"),
  )
  .option(
    "--registry-mirror <registry=url>",
    "where to pull a registry's images from, such as docker.io=http://127.0.0.1:5000",
    (value: string, all: string[]) => [...all, value],
    [],
  )
  .addOption(output())
  .action(async (options) => (await import("./up-command.js")).upCommand(options));

program
  .command("down")
  .description("stop a local cluster and leave nothing of it behind")
  .addOption(cluster())
  .option("--dry-run", "list what would be removed")
  .addOption(output())
  .action(async (options) => (await import("./down-command.js")).downCommand(options));

program
  .command("status")
  .description("show the hosts and processes of a local cluster")
  .addOption(cluster())
  .addOption(output())
  .action(async (options) => (await import("./status-command.js")).statusCommand(options));

for (const [verb, does] of [
  ["stop", "end the processes of a host in order; its containers go on"],
  ["start", "start what is dead on a host"],
  ["kill", "kill the processes of a host (SIGKILL); its containers go on"],
  ["pause", "stop the processes of a host in their tracks (SIGSTOP)"],
  ["resume", "let a paused host go on (SIGCONT)"],
] as const) {
  program
    .command(`${verb} <host>`)
    .description(does)
    .addOption(cluster())
    .addOption(output())
    .action(async (host: string, options) =>
      (await import("./host-command.js")).hostCommand(verb, host, options),
    );
}

program
  .command("kubeconfig")
  .description("print the path of a local cluster's kubeconfig")
  .addOption(cluster())
  .addOption(output())
  .action(async (options) => (await import("./kubeconfig-command.js")).kubeconfigCommand(options));

program
  .command("server")
  .description("run a server: consensus, API, controllers, scheduler")
  .option("--config <file>", "JSON file with the fields of docs/configuration.md")
  .option("--name <server>", "name of this server (default: the host's name)")
  .option("--data-dir <folder>", "where the store and the keys are kept")
  .option("--listen <address>", "where the API listens, such as 0.0.0.0:6443")
  .option("--advertise <address>", "the address others reach this server at")
  .option("--vip <address>", "the address that whichever server leads holds")
  .option("--etcd-api <address>", "serve etcd's API there, on loopback: 127.0.0.1:2379")
  .option("--etcd-api-unsafe", "let etcd's API write the API server's own keys")
  .option(
    "--peer-listen <address>",
    "where other servers connect (default: the port after the API's)",
  )
  .option("--metrics-listen <address>", "serve consensus metrics there by plain HTTP")
  .option("--join <url>", "API of a server of the cluster to join, while the data folder is empty")
  .option("--token <token>", "what lets it join (or RAFTSMAN_TOKEN); see raftsman token create")
  .option("--ca-hash <hash>", "hash of the cluster's authority: sha256:…")
  .option(
    "--force-new-cluster",
    "make its data a cluster of this server alone: most of the old one's servers are lost for good",
  )
  .option("--node-usage-weight <weight>", "prefer nodes that use little: 0 (off) to 100")
  .option("--unsafe-no-fsync", "answer before the disk has it: for the chaos suite alone")
  .option(
    "--chaos-hooks",
    "let SIGUSR2 disturb the api process, record fsyncs: for the chaos suite alone",
  )
  .addOption(output())
  .action(async (options) => (await import("./server-command.js")).serverCommand(options));

program
  .command("init")
  .description("make the authorities, keys and configuration of a cluster's first server")
  .option("--config <file>", "JSON file with the fields of docs/configuration.md")
  .option("--name <server>", "name of the server (default: the host's name)")
  .option("--data-dir <folder>", "where the store and the keys are kept")
  .option("--listen <address>", "where the API will listen, such as 0.0.0.0:6443")
  .option("--advertise <address>", "the address others reach this server at")
  .option("--vip <address>", "an address that whichever server leads holds")
  .option("--dry-run", "say what would be made, make nothing")
  .addOption(output())
  .action(async (options) => (await import("./init-command.js")).initCommand(options));

program
  .command("join <url>")
  .description("join a cluster as a server or an agent, and run it")
  .requiredOption("--token <token>", "what lets it join; see raftsman token create")
  .requiredOption("--ca-hash <hash>", "hash of the cluster's authority: sha256:…")
  .addOption(new Option("--as <role>", "what to be").choices(["server", "agent"]).default("agent"))
  .option("--name <name>", "name of the server or node (default: the host's name)")
  .option("--data-dir <folder>", "where its data and keys are kept")
  .option("--listen <address>", "where it listens")
  .option("--advertise <address>", "the address others reach it at")
  .option("--runtime <runtime>", "of an agent: containerd, hollow, or unix://…")
  .addOption(output())
  .action(async (url: string, options) =>
    (await import("./join-command.js")).joinCommand(url, options),
  );

const kubeconfig = (): Option =>
  new Option("--kubeconfig <file>", "the cluster of this kubeconfig instead of a local one");

const token = program.command("token").description("tokens that let servers and agents join");
token
  .command("create")
  .description("make a token and print the command that joins with it")
  .addOption(cluster())
  .addOption(kubeconfig())
  .option("--ttl <time>", "how long it is valid, such as 30m or 24h", "24h")
  .addOption(
    new Option("--as <role>", "what joins: a server is given the cluster's keys")
      .choices(["server", "agent"])
      .default("server"),
  )
  .addOption(output())
  .action(async (options) => (await import("./token-command.js")).tokenCreateCommand(options));
token
  .command("list")
  .description("list tokens, without their secrets")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (options) => (await import("./token-command.js")).tokenListCommand(options));
token
  .command("delete <token>")
  .description("take a token back; its id suffices")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (id: string, options) =>
    (await import("./token-command.js")).tokenDeleteCommand(id, options),
  );

const member = program
  .command("member")
  .description("the servers that agree on the cluster's data");
member
  .command("list")
  .description("list the members, as each of them says it is")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (options) =>
    (await import("./member-command.js")).memberCommand("list", [], options),
  );
member
  .command("add <name>")
  .description("take in a server as a learner; servers started with --join do it themselves")
  .requiredOption("--id <id>", "16 hex digits, as they stand in its identity.json")
  .requiredOption("--peer-url <url>", "where its peers reach it, such as wss://10.0.0.2:6444")
  .requiredOption("--api-url <url>", "where its API is, such as https://10.0.0.2:6443")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (name: string, options) =>
    (await import("./member-command.js")).memberCommand("add", [name], options),
  );
member
  .command("promote <names...>")
  .description("give learners that have caught up a vote, in one change")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (names: string[], options) =>
    (await import("./member-command.js")).memberCommand("promote", names, options),
  );
member
  .command("remove <name>")
  .description("take a server out of the group; it says so and ends")
  .option("--force", "also when the majority that is left cannot be reached")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (name: string, options) =>
    (await import("./member-command.js")).memberCommand("remove", [name], options),
  );
member
  .command("transfer-leader [name]")
  .description("hand leadership to a server, or to the one that keeps up best")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (name: string | undefined, options) =>
    (await import("./member-command.js")).memberCommand(
      "transfer-leader",
      name === undefined ? [] : [name],
      options,
    ),
  );

const snapshot = program.command("snapshot").description("everything a cluster knows, in one file");
snapshot
  .command("save <file>")
  .description("write a snapshot; it holds Secrets")
  .addOption(cluster())
  .addOption(kubeconfig())
  .addOption(output())
  .action(async (file: string, options) =>
    (await import("./snapshot-command.js")).snapshotSaveCommand(file, options),
  );
snapshot
  .command("status <file>")
  .description("check a snapshot and say what it holds")
  .addOption(output())
  .action(async (file: string, options) =>
    (await import("./snapshot-command.js")).snapshotStatusCommand(file, options),
  );
snapshot
  .command("restore <file>")
  .description("make a server's data from a snapshot: a new cluster of that server alone")
  .requiredOption("--data-dir <folder>", "the server's folder; what it has of keys is kept")
  .option("--name <server>", "name of the server (default: the host's name)")
  .addOption(output())
  .action(async (file: string, options) =>
    (await import("./snapshot-command.js")).snapshotRestoreCommand(file, options),
  );

const image = program.command("image").description("container images on the nodes");
const node = (): Option =>
  new Option("--node <node>", "only this node; may be given again (default: all)")
    .argParser((value: string, all: string[]) => [...all, value])
    .default([], "all");
const runtimeSocket = (): Option =>
  new Option("--runtime-socket <path>", "containerd's socket of a node of no local cluster");
image
  .command("import <file>")
  .description("load the images of a docker archive or OCI layout (tar); - reads stdin")
  .option("--as <image>", "name the archive's one image so, such as localhost/web:1")
  .addOption(cluster())
  .addOption(node())
  .addOption(runtimeSocket())
  .addOption(output())
  .action(async (file: string, options) =>
    (await import("./image-command.js")).imageImportCommand(file, options),
  );
image
  .command("list")
  .description("list the images that pods find on the nodes")
  .addOption(cluster())
  .addOption(node())
  .addOption(runtimeSocket())
  .addOption(output())
  .action(async (options) => (await import("./image-command.js")).imageListCommand(options));

program
  .command("agent")
  .description("run a node: pods, probes, services, DNS")
  .option("--config <file>", "JSON file with the fields of docs/configuration.md")
  .option("--name <node>", "name of the Node object (default: the host's name)")
  .option("--server <url>", "the API, such as https://10.0.0.1:6443")
  .option("--data-dir <folder>", "where pods, images and keys are kept")
  .option("--manifests <folder>", "static pods (default: manifests in the data folder)")
  .option("--runtime <runtime>", "containerd, hollow, or the socket of a CRI runtime: unix://…")
  .option("--max-pods <number>", "how many pods the node takes (default: 110)")
  .option("--system-reserved <amounts>", "for the host's own: cpu=200m,memory=512Mi")
  .option("--kube-reserved <amounts>", "for Raftsman: cpu=100m,memory=256Mi,ephemeral-storage=1Gi")
  .option(
    "--eviction-hard <thresholds>",
    "evict pods at once: memory.available<100Mi,nodefs.available<10%",
  )
  .option("--eviction-soft <thresholds>", "evict pods after a grace period: memory.available<300Mi")
  .option("--eviction-soft-grace-period <periods>", "how long: memory.available=1m30s")
  .option(
    "--eviction-minimum-reclaim <amounts>",
    "how much more to reclaim: nodefs.available=500Mi",
  )
  .option("--eviction-max-pod-grace-period <seconds>", "what a pod gets at most to end, if soft")
  .option("--eviction-pressure-transition-period <duration>", "how long pressure stays: 5m")
  .option(
    "--allowed-unsafe-sysctls <names>",
    "sysctls that pods may set: net.core.somaxconn,kernel.msg*",
  )
  .option("--labels <labels>", "labels of the Node, such as disk=ssd,zone=a")
  .option("--taints <taints>", "taints of the Node, such as dedicated=db:NoSchedule")
  .option(
    "--registry-mirror <registry=url>",
    "where to pull a registry's images from",
    (value: string, all: string[]) => [...all, value],
    [],
  )
  .addOption(output())
  .action(async (options) => (await import("./agent-command.js")).agentCommand(options));

program
  .command("version")
  .description("print the versions")
  .addOption(output())
  .action(async (options) => (await import("./version-command.js")).versionCommand(options));

const LAST_WORDS_MS = 500;

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // What a server or an agent that could not start has left open must not keep it alive.
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.done;
    const usage = { hint: "Add --help for the options.", cause: error };
    if (wantedFormat() === "json" && error.code !== "commander.help")
      printError("json", new CommandError("Usage", error.message.replace(/^error: /, ""), usage));
    return EXIT.usage;
  }
  return printError(wantedFormat(), error);
}

function wantedFormat(): OutputFormat {
  const text = process.argv.join(" ");
  return / (-o ?|--output[ =])json\b/.test(text) ? "json" : "table";
}
