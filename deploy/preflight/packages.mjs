// Installs what is missing: Debian packages as root, npm packages, the build. Never removes a
// package, never edits
// /etc, and leaves no service running that an installation would start.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasCniPlugins, hasProgram, messageOf } from "./checks.mjs";

// import.meta.dirname is not there before Node.js 20.11, which must get as far as being told its
// age.
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const POLICY_FILE = "/usr/sbin/policy-rc.d";

/** Debian packages, and how to see that what they bring is there already. */
const NEEDS = [
  { package: "containerd", present: () => hasProgram("containerd") },
  { package: "runc", present: () => hasProgram("runc") },
  { package: "containernetworking-plugins", present: hasCniPlugins },
  { package: "nftables", present: () => hasProgram("nft") },
  { package: "iproute2", present: () => hasProgram("ip") },
  { package: "iptables", present: () => hasProgram("iptables") },
  { package: "conntrack", present: () => hasProgram("conntrack") },
  { package: "busybox-static", present: hasStaticBusybox },
  { package: "catatonit", present: () => hasProgram("catatonit") },
  { package: "kubernetes-client", present: () => hasProgram("kubectl") },
];
/** What the house rules ask of the checkout. */
const CHECK_NEEDS = [{ package: "git", present: () => hasProgram("git") }];
/** What only the tests with real containers run. */
const TEST_NEEDS = [
  { package: "docker-registry", present: () => hasProgram("docker-registry") },
  { package: "nginx-light", present: () => hasProgram("nginx") },
  { package: "etcd-server", present: () => hasProgram("etcd") },
  { package: "etcd-client", present: () => hasProgram("etcdctl") },
  { package: "procps", present: () => hasProgram("sysctl") },
  { package: "socat", present: () => hasProgram("socat") },
];
/** What only the long tests use. */
const LONG_NEEDS = [
  { package: "buildah", present: () => hasProgram("buildah") },
  { package: "prometheus", present: () => hasProgram("prometheus") },
];
/** By what they are for: to run a cluster, to check the code, to test with real containers. */
const NEEDS_OF = {
  cluster: NEEDS,
  check: CHECK_NEEDS,
  tests: [...NEEDS, ...CHECK_NEEDS, ...TEST_NEEDS],
  long: [...NEEDS, ...CHECK_NEEDS, ...TEST_NEEDS, ...LONG_NEEDS],
};

/** Debian packages that are missing. @param {"cluster" | "check" | "tests" | "long"} purpose */
export function missingPackages(purpose) {
  return NEEDS_OF[purpose].filter((need) => !need.present()).map((need) => need.package);
}

/**
 * Installs Debian packages; services they bring are not started, nothing is removed. Throws with
 * what to do by hand.
 * @param {string[]} packages
 */
export async function installPackages(packages) {
  const byHand = `apt-get update && apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (process.getuid?.() !== 0) throw new Error(`Installing needs root. As root:\n  ${byHand}`);
  if (!hasProgram("apt-get"))
    throw new Error(
      `This is no Debian: there is no apt-get. Install what these Debian packages bring, then try again:\n` +
        `  ${packages.join(" ")}`,
    );
  const ownPolicy = !existsSync(POLICY_FILE);
  // The documented way to keep maintainer scripts from starting services: exit 101 means "not
  // allowed".
  if (ownPolicy) writeFileSync(POLICY_FILE, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const removePolicy = () => {
    if (ownPolicy) rmSync(POLICY_FILE, { force: true });
  };
  process.once("exit", removePolicy);
  try {
    await aptGet(["update"]);
    await aptGet(["install", "--no-install-recommends", "--no-remove", ...packages]);
  } catch (error) {
    throw new Error(
      `${messageOf(error)}\n` +
        `Does this computer reach the Debian mirror of /etc/apt (network, DNS, proxy)? By hand:\n  ${byHand}`,
    );
  } finally {
    removePolicy();
    process.off("exit", removePolicy);
  }
}

/** @param {string[]} args */
async function aptGet(args) {
  // Another run, such as the unattended upgrades after a start, holds the lock for a while.
  const options = ["-y", "-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
  await run("apt-get", [...options, ...args], { env });
}

/** True when node_modules does not hold what package-lock.json names. */
export function npmInstallNeeded() {
  const stamp = join(ROOT, "node_modules/.package-lock.json");
  if (!existsSync(stamp)) return true;
  return statSync(join(ROOT, "package-lock.json")).mtimeMs > statSync(stamp).mtimeMs;
}

/** Installs the npm packages exactly as locked. Throws with what to do. */
export async function installNpmPackages() {
  try {
    await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { env: process.env });
  } catch (error) {
    throw new Error(
      `${messageOf(error)}\n` +
        "Does this computer reach the npm registry (npm ping), and may this user write to the checkout?",
    );
  }
}

/** Compiles what changed. */
export async function build() {
  await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-b"], {
    env: process.env,
  });
}

/**
 * Runs a program to its end; on failure throws with the last lines it printed.
 * @param {string} program @param {string[]} args @param {{ env: NodeJS.ProcessEnv }} options
 * @returns {Promise<void>}
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
    let tail = "";
    const keep = (/** @type {Buffer} */ chunk) => {
      tail = (tail + chunk.toString()).slice(-4000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => reject(new Error(`${program} cannot be run: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) return resolve();
      const lines = tail.trimEnd().split("\n").slice(-15).join("\n");
      return reject(new Error(`${program} ${args.join(" ")} ended with ${code}:\n${lines}`));
    });
  });
}

/**
 * The example image is one static program: a busybox that needs shared libraries would not start in
 * it.
 */
function hasStaticBusybox() {
  const path = ["/usr/bin/busybox", "/bin/busybox"].find((candidate) => existsSync(candidate));
  return path !== undefined && !namesInterpreter(readFileSync(path));
}

/**
 * True for a dynamically linked ELF program: one of its program headers is PT_INTERP. @param
 * {Buffer} elf
 */
function namesInterpreter(elf) {
  const PT_INTERP = 3;
  const offset = Number(elf.readBigUInt64LE(32));
  const [size, count] = [elf.readUInt16LE(54), elf.readUInt16LE(56)];
  return Array.from({ length: count }).some(
    (_, index) => elf.readUInt32LE(offset + index * size) === PT_INTERP,
  );
}
