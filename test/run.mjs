// Runs suites and counts: `node test/run.mjs check|test|SUITE… [--only TEXT]`. Plain JavaScript: it
// installs and builds first. A test file, or a batch of small ones, is a process that prints TAP; the
// last line of a run is `N passed, N failed`.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { checkNode, messageOf } from "../deploy/preflight/checks.mjs";
import {
  ROOT,
  build,
  installNpmPackages,
  installPackages,
  missingPackages,
  npmInstallNeeded,
} from "../deploy/preflight/packages.mjs";
import { batchesOf } from "./batches.mjs";

const BUILD = join(ROOT, "build");
const REPORTS = join(ROOT, "reports/tests");
const FILE_TIMEOUT_MS = 600_000;
/** Of files that end in .long.test.ts: what takes too long for every day. */
const LONG_FILE_TIMEOUT_MS = 3_600_000;
/** What a test that is told to end may take for its teardown. */
const END_GRACE_MS = 60_000;
const PROGRESS_MS = 15_000;
const SLOW_FILE_MS = 5_000;
const KEPT_OUTPUT_CHARACTERS = 4_000_000;
/** One problem of a tool counts as one failed test; its report is the message. */
const TOOLS = {
  format: ["@biomejs/biome/bin/biome", ["format", "."]],
  lint: ["oxlint/bin/oxlint", ["--type-aware", "--quiet"]],
};
const GROUPS = {
  check: ["format", "lint", "unit"],
  test: ["format", "lint", "unit", "integration", "e2e"],
  full: ["format", "lint", "unit", "integration", "e2e", "long"],
};
const SUITES = [...Object.keys(TOOLS), "unit", "integration", "e2e", "long"];
/** What runs real containers and real clients: these need root, and programs besides Node.js. */
const REAL_SUITES = ["integration", "e2e", "long"];
/** Tests beside the code that belong to the integration suite for the same reason. */
const REAL_TESTS = [
  "apiserver/streaming/pod-streaming",
  "node/agent-killed",
  "node/cni/pod-network",
  "node/containerd/containerd-events",
  "node/containerd/image-import",
  "node/containerd/image-mounts",
  "node/containerd/registry-mirror",
  "node/cri/runtime-contract",
  "node/pod-cgroups",
  "node/pod-deleted-early",
  "node/pod-drain",
  "node/pod-memory",
  "node/pod-workers",
  "node/proxy/service-proxy",
  "test/chaos/run-ends",
  "test/chaos/two-minutes",
  // Needs none of that, and is too much for a check.
  "test/sim/more-seeds",
];
/** Integration tests that measure time, or need both cores: nothing runs beside them. */
const ALONE = ["test/chaos/two-minutes", "test/integration/hand-over", "test/sim/more-seeds"];
/** End-to-end tests without containers. */
const NO_CONTAINERS = ["hollow", "kubectl-matrix", "server-start"].map(
  (name) => `test/e2e/${name}`,
);
/** The longest integration tests: begun first, so that none of them runs on when all others are done. */
const FIRST = ["servers", "interrupted-loops", "rollouts", "slow-disk"].map(
  (name) => `test/integration/${name}`,
);
/**
 * Those run in namespaces of their own: neither a running cluster nor anything else on the computer
 * gets in their way, and no process, mount, link or rule outlives the test that started it. The
 * network is loopback and one interface with an address, that leads nowhere. The shell stays
 * process 1, since that has to collect ended processes.
 */
const OWN_MACHINE = [
  "mount --make-rshared /",
  "ip link set lo up",
  "ip link add eth0 type veth peer name uplink",
  "ip addr add 192.0.2.10/24 dev eth0",
  "ip link set uplink up",
  "ip link set eth0 up",
  '{ "$@"; exit $?; }',
].join(" && ");
const NAMESPACES = ["--net", "--pid", "--fork", "--kill-child=SIGKILL", "--mount", "--mount-proc"];
const HELP = `npm test [-- --only TEXT]              everything that must hold: ${GROUPS.test.join(", ")}; needs root
npm run test:full [-- --only TEXT]     the same and what takes longer, up to an hour a file
npm run check [-- --only TEXT]         ${GROUPS.check.join(", ")}; needs no root
node test/run.mjs SUITE... [--only TEXT]

suites   ${SUITES.join(", ")}
--only   only test files whose path contains TEXT
Installs and builds first. Progress goes to stderr, the output of each failed file to reports/tests/; the last line is
"N passed, N failed". A skipped test counts as failed. Interrupted, it lets the running tests clean up.
`;

const args = process.argv.slice(2);
if (args.length === 0 || args.includes("--help") || args.includes("-h")) {
  process.stdout.write(HELP);
  process.exit(args.length === 0 ? 2 : 0);
}
const onlyAt = args.indexOf("--only");
const only = onlyAt < 0 ? "" : args.splice(onlyAt, 2)[1];
if (only === undefined) usage("--only needs a TEXT");
const suites = [...new Set(args.flatMap((name) => GROUPS[name] ?? [name]))];
for (const suite of suites) if (!SUITES.includes(suite)) usage(`unknown suite ${suite}`);

const totals = { passed: 0, failed: 0 };
/**
 * Processes that run now, each the leader of a process group.
 * @type {Set<import("node:child_process").ChildProcess>}
 */
const running = new Set();
let interrupted = false;
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]))
  process.on(signal, interrupt);

rmSync(REPORTS, { recursive: true, force: true });
await prepare();
if (only !== "" && !testFiles().some(isWanted)) {
  process.stderr.write(`✗ no test file of ${suites.join(", ")} has ${only} in its path\n`);
  totals.failed += 1;
}
for (const suite of suites) await runSuite(suite);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exit(interrupted ? 130 : totals.failed === 0 ? 0 : 1);

/** @param {string} message */
function usage(message) {
  process.stderr.write(`error: ${message}\n${HELP}`);
  process.exit(2);
}

/** @param {string} file */
function isWanted(file) {
  return suites.includes(suiteOf(file)) && nameOf(file).includes(only);
}

/** @param {string} suite */
async function runSuite(suite) {
  if (interrupted) return;
  const started = performance.now();
  const result = suite in TOOLS ? await runTool(suite) : await runFiles(suite);
  totals.passed += result.passed;
  totals.failed += result.failed;
  process.stderr.write(
    `${mark(result.failed === 0)} ${suite}: ${result.passed} passed, ${result.failed} failed  ${since(started)}\n`,
  );
}

/** Installs what the suites need, and builds: one more test that passes, or the end. */
async function prepare() {
  const needsRoot = suites.filter((suite) => REAL_SUITES.includes(suite));
  try {
    const node = checkNode();
    if (!node.ok) throw new Error(`Node.js: ${node.found}\n  ${node.remedy}`);
    if (needsRoot.length > 0 && process.getuid?.() !== 0)
      throw new Error(
        `${needsRoot.join(" and ")} start real containers: run it as root. Without root: npm run check`,
      );
    const purpose = suites.includes("long") ? "long" : needsRoot.length > 0 ? "tests" : "check";
    const missing = missingPackages(purpose);
    if (missing.length > 0)
      await timed(`Debian packages: ${missing.join(", ")}`, () => installPackages(missing));
    if (npmInstallNeeded()) await timed("npm packages", installNpmPackages);
    await timed("build", build);
    totals.passed += 1;
  } catch (error) {
    process.stderr.write(`✗ set-up: ${messageOf(error)}\n`);
    process.stdout.write("0 passed, 1 failed\n");
    process.exit(interrupted ? 130 : 1);
  }
}

/** @param {string} title @param {() => Promise<void>} work */
async function timed(title, work) {
  const started = performance.now();
  await work();
  process.stderr.write(`✓ ${title}  ${since(started)}\n`);
}

/** @param {boolean} good */
function mark(good) {
  return good ? "✓" : "✗";
}

/** @param {number} startedMs */
function since(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

/**
 * Tells what runs to end and clean up; nothing is started any more. A second signal does not wait
 * for that.
 */
function interrupt() {
  const signal = interrupted ? "SIGKILL" : "SIGTERM";
  if (!interrupted) process.stderr.write(`… interrupted: ending ${running.size} test processes\n`);
  interrupted = true;
  for (const child of running) endGroup(child, signal);
}

/**
 * Ends a process and what it started in its group.
 * @param {import("node:child_process").ChildProcess} child @param {"SIGTERM" | "SIGKILL"} signal
 */
function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
  if (signal === "SIGTERM") setTimeout(() => endGroup(child, "SIGKILL"), END_GRACE_MS).unref();
}

/** @param {string} name */
async function runTool(name) {
  const [script, scriptArgs] = TOOLS[name];
  const program = join(ROOT, "node_modules", script);
  const { code, output } = await runProcess(program, scriptArgs);
  if (code === 0) return { passed: 1, failed: 0 };
  process.stderr.write(`${output.slice(-6000)}\n`);
  return { passed: 0, failed: 1 };
}

/** @param {string} suite */
async function runFiles(suite) {
  const files = testFiles()
    .filter((file) => suiteOf(file) === suite && nameOf(file).includes(only))
    .sort((a, b) => (a < b ? -1 : 1));
  const result = { passed: 0, failed: 0 };
  const alone = files.filter((file) => ALONE.includes(nameOf(file)));
  const first = files.filter((file) => FIRST.includes(nameOf(file)));
  const beside = [...first, ...files.filter((file) => ![...alone, ...first].includes(file))];
  const processes =
    suite === "unit"
      ? batchesOf(beside, (file) => readFileSync(file, "utf8"))
      : beside.map((file) => [file]);
  const started = performance.now();
  let done = 0;
  const progress = setInterval(() => {
    process.stderr.write(`… ${suite}: ${done} of ${files.length} files  ${since(started)}\n`);
  }, PROGRESS_MS);
  const work = async (/** @type {string[][]} */ waiting) => {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const counted = batch.length === 1 ? await runFile(batch[0]) : await runBatch(batch);
      done += batch.length;
      result.passed += counted.passed;
      result.failed += counted.failed;
      if (interrupted) waiting.length = 0;
    }
  };
  // Whole clusters keep a computer busy: two at a time, those without containers first. Of unit tests
  // some wait for a disk or a timer: one more than there are cores. Long tests measure.
  const cores = Math.max(2, cpus().length);
  const workers = { unit: cores + 1, integration: cores, e2e: 2 }[suite] ?? 1;
  const light = processes.filter(([file]) => NO_CONTAINERS.includes(nameOf(file)));
  const others = processes.filter((one) => !light.includes(one));
  const lanes = Array.from({ length: workers - 1 }, () => work(others));
  await Promise.all([...lanes, work(light).then(() => work(others))]);
  await work(alone.map((file) => [file]));
  clearInterval(progress);
  return result;
}

/**
 * Runs test files one after another in one process. Unless everything passed, each has a process of
 * its own after that, which says what failed and where; what fails only in company has failed too.
 * @param {string[]} batch
 */
async function runBatch(batch) {
  const started = performance.now();
  const imports = batch.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};`);
  const command = ["--input-type=module", "--eval", imports.join("\n")];
  const { code, output } = await runProcess(process.execPath, command);
  const counted = countsOf(code, output);
  if (counted.failed === 0 || interrupted) return counted;
  const total = { passed: 0, failed: 0 };
  for (const file of batch) {
    const { passed, failed } = await runFile(file);
    total.passed += passed;
    total.failed += failed;
    if (interrupted) return total;
  }
  if (total.failed > 0) return total;
  report(`${nameOf(batch[0])} and ${batch.length - 1} more in one process`, started, output);
  return { ...total, failed: 1 };
}

/** @param {string} file */
async function runFile(file) {
  const started = performance.now();
  const command = [process.execPath, file];
  const { code, output } = REAL_SUITES.includes(suiteOf(file))
    ? await runProcess(
        "unshare",
        [...NAMESPACES, "sh", "-c", OWN_MACHINE, "sh", ...command],
        suiteOf(file) === "long" ? LONG_FILE_TIMEOUT_MS : FILE_TIMEOUT_MS,
      )
    : await runProcess(process.execPath, [file]);
  const counted = countsOf(code, output);
  const name = nameOf(file);
  if (counted.failed > 0) report(name, started, output);
  else if (performance.now() - started > SLOW_FILE_MS)
    process.stderr.write(`  ${name}  ${since(started)}\n`);
  return counted;
}

/**
 * Tests at the root of a TAP output; at least one has failed unless the process ended well, after
 * its plan.
 * @param {number} code @param {string} output
 */
function countsOf(code, output) {
  const passed = output.match(/^ok \d+(?!.*# SKIP)/gm)?.length ?? 0;
  const notOk = output.match(/^not ok \d|^ok \d+.*# SKIP/gm)?.length ?? 0;
  const planned = /^1\.\.(\d+)/m.exec(output)?.[1];
  const isWhole = code === 0 && passed + notOk > 0 && Number(planned) === passed + notOk;
  return { passed, failed: isWhole ? notOk : Math.max(notOk, 1) };
}

/** @param {string} name @param {number} startedMs @param {string} output */
function report(name, startedMs, output) {
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(REPORTS, `${name.replaceAll(/[/ ]/g, "-")}.tap`), output);
  process.stderr.write(`✗ ${name}  ${since(startedMs)}\n${failureOf(output)}\n`);
}

/** The first failed assertion and what follows it, or the last lines. @param {string} output */
function failureOf(output) {
  const lines = output.split("\n");
  const at = lines.findIndex((line) => /^\s*not ok |^\s*ok .*# SKIP/.test(line));
  return lines.slice(...(at < 0 ? [-25] : [at, at + 30])).join("\n");
}

/**
 * Runs a program in a process group of its own; a signal from the terminal reaches it through
 * `interrupt`, once.
 * @param {string} program @param {string[]} programArgs @param {number} [timeoutMs]
 */
function runProcess(program, programArgs, timeoutMs = FILE_TIMEOUT_MS) {
  return new Promise((resolve) => {
    const child = spawn(program, programArgs, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      // A subtest without a limit of its own gets 30 s from tap: too few where two cores do much else.
      env: { ...process.env, TAP_TIMEOUT: "240" },
    });
    running.add(child);
    let output = "";
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const timer = setTimeout(() => {
      output += `\nnot ended after ${timeoutMs / 1000} s: told to end\n`;
      endGroup(child, "SIGTERM");
    }, timeoutMs);
    child.on("error", (error) => {
      output += error.message;
    });
    const done = (/** @type {number | null} */ code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: code ?? 1, output });
    };
    child.on("exit", (code, signal) => {
      if (signal !== null) output += `\nended by ${signal}\n`;
      // What it left running in its group would hold its output open.
      endGroup(child, "SIGKILL");
    });
    child.on("close", done);
  });
}

/** Compiled tests; what a renamed or deleted one left in the build is none. */
function testFiles() {
  const folders = [
    { built: BUILD, source: ROOT },
    { built: join(ROOT, "consensus/raft-ts/dist"), source: join(ROOT, "consensus/raft-ts/src") },
  ];
  return folders.flatMap(({ built, source }) =>
    readdirSync(built, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith(".test.js"))
      .filter((path) => existsSync(join(source, path.replace(/\.js$/, ".ts"))))
      .map((path) => join(built, path)),
  );
}

/** Such as node/pod-workers. @param {string} file */
function nameOf(file) {
  return relative(BUILD, file).replace(/(\.test)?\.js$/, "");
}

/** @param {string} file */
function suiteOf(file) {
  const name = nameOf(file);
  if (name.endsWith(".long")) return "long";
  if (name.startsWith("test/e2e/")) return "e2e";
  return name.startsWith("test/integration/") || REAL_TESTS.includes(name) ? "integration" : "unit";
}
