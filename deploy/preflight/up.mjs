// `npm run up`: looks at the computer, installs what is missing, builds, and hands over to
// `raftsman up`.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf, runChecks } from "./checks.mjs";
import {
  ROOT,
  build,
  installNpmPackages,
  installPackages,
  missingPackages,
  npmInstallNeeded,
} from "./packages.mjs";

const API_PORT = 6443;
const AGENT_PORT = 10250;
/** A step that takes longer says first what it does. */
const SLOW_STEP_MS = 2_000;
const SERVICE_CIDR = "10.96.0.0/16";
const POD_CIDR = "10.244.0.0/16";

const HELP = `npm run up [-- ARGUMENTS]

Looks whether this computer can run a cluster, installs what is missing (Debian packages as root, npm packages), builds,
and runs "raftsman up ARGUMENTS": a local cluster with deploy/examples/web.yaml in it. A second run starts what is dead.

  --name CLUSTER       another cluster than dev
  --runtime hollow     pods are simulated: needs neither root nor Linux
  --empty              without the example
All arguments, after a first run: npx raftsman up --help
Take it down again: npm run down [-- --name CLUSTER]
`;

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(HELP);
  process.exit(0);
}
const valueOf = (/** @type {string} */ flag) => {
  const at = args.findIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (at < 0) return undefined;
  return args[at]?.includes("=") ? args[at].split("=")[1] : args[at + 1];
};
const runtime = valueOf("--runtime") === "hollow" ? "hollow" : "containerd";
const cluster = valueOf("--name") ?? process.env["RAFTSMAN_CLUSTER"] ?? "dev";

/**
 * As `raftsman` finds it: under sudo the folder is in the home of the person who typed the command.
 */
function raftsmanHome() {
  const { RAFTSMAN_HOME: given, SUDO_USER: caller } = process.env;
  if (given) return given;
  const accounts = caller && caller !== "root" ? readFileSync("/etc/passwd", "utf8") : "";
  const account = accounts.split("\n").find((line) => line.startsWith(`${caller}:`));
  return join(account?.split(":")[5] ?? homedir(), ".raftsman");
}

/** @template T @param {string} title @param {() => Promise<T>} work @returns {Promise<T>} */
async function step(title, work) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const slow = setTimeout(() => process.stderr.write(`… ${title}\n`), SLOW_STEP_MS);
  try {
    const result = await work();
    process.stderr.write(`✓ ${title}  ${seconds()}\n`);
    return result;
  } catch (error) {
    process.stderr.write(`✗ ${title}  ${seconds()}\n`);
    process.stderr.write(`error: ${messageOf(error)}\n`);
    process.exit(1);
  } finally {
    clearTimeout(slow);
  }
}

await step("this computer can run it", async () => {
  const home = raftsmanHome();
  const findings = await runChecks({
    runtime,
    home,
    cluster,
    ports: [API_PORT, AGENT_PORT],
    serviceCidr: SERVICE_CIDR,
    podCidr: POD_CIDR,
    known: existsSync(join(home, cluster, "cluster.json")),
    ownLinks: /^rm-/,
  });
  const bad = findings.filter((finding) => !finding.ok);
  for (const { name, found, remedy, warning } of bad)
    process.stderr.write(`${warning ? "! " : "✗ "}${name}: ${found}\n    ${remedy}\n`);
  const fatal = bad.filter((finding) => !finding.warning).length;
  if (fatal > 0)
    throw new Error(`${fatal} of ${findings.length} checks failed; nothing was changed`);
});

const missing = runtime === "hollow" ? [] : missingPackages("cluster");
if (missing.length > 0)
  await step(`Debian packages: ${missing.join(", ")}`, () => installPackages(missing));
if (npmInstallNeeded()) await step("npm packages", installNpmPackages);
await step("build", build);

const child = spawn(process.execPath, [join(ROOT, "deploy/raftsman.js"), "up", ...args], {
  stdio: "inherit",
});
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 130));
