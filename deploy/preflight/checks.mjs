// What a computer must offer before a cluster can run on it. Plain JavaScript: it runs before
// anything is installed.
import { execFileSync } from "node:child_process";
// The whole module, not its names: Node.js 16 lacks statfsSync, and must get as far as being told
// its age.
import fs, { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, release } from "node:os";
import { dirname, join, resolve } from "node:path";

/**
 * One thing that was looked at. `ok` false with `warning` true lets the start go on.
 * @typedef {{ name: string, ok: boolean, warning?: boolean, found: string, remedy: string }}
 * Finding
 */

const NODE_MINIMUM = [20, 19];
const KERNEL_MINIMUM = [5, 4];
const FREE_DISK_MINIMUM_BYTES = 2 * 1024 ** 3;
/** No clock of a working computer is before this; certificates would be refused. */
const CLOCK_MINIMUM_MS = Date.UTC(2026, 0, 1);

/**
 * What is wanted of the computer. `home` is the folder of all clusters; a cluster that is `known`
 * has its ports and routes already.
 * @typedef {{ runtime: "containerd" | "hollow", home: string, cluster: string, known: boolean,
 *   ports: number[], serviceCidr: string, podCidr: string, ownLinks: RegExp }} Wanted
 */

/**
 * Looks at everything and returns all findings at once.
 * @param {Wanted} wanted @returns {Promise<Finding[]>}
 */
export async function runChecks(wanted) {
  const findings = [checkNode(), checkClock(), checkDisk(wanted.home)];
  if (!wanted.known) for (const port of wanted.ports) findings.push(await checkPort(port));
  if (wanted.runtime === "hollow") return findings;
  findings.push(checkLinux(), checkRoot());
  if (process.platform !== "linux") return findings;
  findings.push(checkKernel(), checkCgroups(), checkOverlay(), checkAddress());
  if (!wanted.known) {
    const others = checkOtherClusters(wanted.home, wanted.cluster);
    findings.push(others);
    if (others.ok)
      findings.push(...checkCidrs([wanted.serviceCidr, wanted.podCidr], wanted.ownLinks));
  }
  findings.push(checkForwardPolicy(wanted.podCidr));
  return findings;
}

/** @returns {Finding} */
export function checkNode() {
  const found = process.versions.node;
  return {
    name: "Node.js",
    ok: atLeast(found, NODE_MINIMUM),
    found: `version ${found}`,
    remedy:
      `Install Node.js ${NODE_MINIMUM.join(".")} or later, best the newest with long-term support, ` +
      "from https://nodejs.org/en/download",
  };
}

/** @returns {Finding} */
function checkClock() {
  return {
    name: "clock",
    ok: Date.now() > CLOCK_MINIMUM_MS,
    found: new Date().toISOString(),
    remedy: "Set the clock (date -s, or start a time service): certificates depend on it.",
  };
}

/** @param {string} home @returns {Finding} */
function checkDisk(home) {
  let path = resolve(home);
  while (!existsSync(path)) path = dirname(path);
  const disk = fs.statfsSync?.(path);
  const free = disk === undefined ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize;
  return {
    name: "disk",
    ok: free > FREE_DISK_MINIMUM_BYTES,
    found: `${(free / 1024 ** 3).toFixed(1)} GiB free at ${path}`,
    remedy: "Free at least 2 GiB, or set RAFTSMAN_HOME to a folder on a larger disk.",
  };
}

/**
 * A taken port is no obstacle: the cluster takes another.
 * @param {number} port @returns {Promise<Finding>}
 */
function checkPort(port) {
  return new Promise((resolve) => {
    const server = createServer();
    const finding = (/** @type {boolean} */ ok, /** @type {string} */ found) => ({
      name: `port ${port}`,
      ok,
      warning: true,
      found,
      remedy: "The cluster takes another port. To have this one, stop that program first.",
    });
    server.once("error", () => resolve(finding(false, `taken by ${listenerOf(port)}`)));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve(finding(true, "free"))));
  });
}

/** The program that listens on a TCP port, as far as this user may see it. @param {number} port */
function listenerOf(port) {
  const LISTENING = "0A";
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((path) => (tryRead(path) ?? "").split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === LISTENING)
    .map((fields) => `socket:[${fields[9]}]`);
  for (const pid of tryList("/proc").filter((name) => /^\d+$/.test(name)))
    for (const fd of tryList(`/proc/${pid}/fd`))
      if (sockets.includes(tryReadLink(`/proc/${pid}/fd/${fd}`) ?? ""))
        return `${commandOf(pid)} (pid ${pid})`;
  return "another program";
}

/** @param {string} pid */
function commandOf(pid) {
  const line = (tryRead(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " ").trim();
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

/** @returns {Finding} */
function checkLinux() {
  return {
    name: "operating system",
    ok: process.platform === "linux",
    found: process.platform,
    remedy: "Containers need Linux. Elsewhere: npm run up -- --runtime hollow",
  };
}

/** @returns {Finding} */
function checkRoot() {
  return {
    name: "root",
    ok: process.getuid?.() === 0,
    found: `user id ${process.getuid?.()}`,
    remedy: "Run it with sudo. Without root: npm run up -- --runtime hollow",
  };
}

/** @returns {Finding} */
function checkKernel() {
  return {
    name: "kernel",
    ok: atLeast(release(), KERNEL_MINIMUM),
    found: release(),
    remedy: `Linux ${KERNEL_MINIMUM.join(".")} or later is needed (nftables maps, cgroups).`,
  };
}

/** @returns {Finding} */
function checkCgroups() {
  const v2 = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const v1 = ["cpu", "memory", "pids"].every((name) => existsSync(`/sys/fs/cgroup/${name}`));
  return {
    name: "cgroups",
    ok: v1 || v2,
    found: v2 ? "version 2" : v1 ? "version 1" : "none mounted at /sys/fs/cgroup",
    remedy: "Mount them: mount -t cgroup2 none /sys/fs/cgroup",
  };
}

/** @returns {Finding} */
function checkOverlay() {
  const known = readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n");
  const loadable = known || tryRun("modprobe", ["-n", "overlay"]) !== null;
  return {
    name: "overlayfs",
    ok: loadable,
    found: known ? "present" : loadable ? "loadable" : "missing",
    remedy: hasProgram("modprobe")
      ? "Load the kernel module: modprobe overlay"
      : "Load the kernel module: apt-get install kmod, then modprobe overlay",
  };
}

/** @returns {Finding} */
function checkAddress() {
  const addresses = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => entry.family === "IPv4" && !entry.internal);
  return {
    name: "address",
    ok: addresses.length > 0,
    found: addresses[0]?.address ?? "no IPv4 address besides loopback",
    remedy: "Pods reach the API at an address of this computer: bring a network interface up.",
  };
}

/**
 * A route inside a network of the cluster takes packets away from it; a wider one only loses what
 * the cluster covers.
 * @param {string[]} wanted @param {RegExp} ownLinks @returns {Finding[]}
 */
function checkCidrs(wanted, ownLinks) {
  const routes = ipv4Routes().filter((route) => !ownLinks.test(route.dev));
  return wanted.map((cidr) => {
    const overlapping = routes.filter((route) => cidrsOverlap(cidr, route.dst));
    const inside = overlapping.find((route) => prefixLength(route.dst) >= prefixLength(cidr));
    const clash = inside ?? overlapping[0];
    if (clash === undefined)
      return { name: `network ${cidr}`, ok: true, found: "unused", remedy: "" };
    return {
      name: `network ${cidr}`,
      ok: false,
      warning: inside === undefined,
      found: `overlaps the route to ${clash.dst} dev ${clash.dev}`,
      remedy:
        inside === undefined
          ? `While the cluster runs, this computer does not reach what has an address in ${cidr} there.`
          : `The cluster needs ${cidr} for itself: ip route del ${clash.dst} dev ${clash.dev}`,
    };
  });
}

/** @param {string} cidr One address may be written without its length, as `ip` does. */
function prefixLength(cidr) {
  return Number(cidr.split("/")[1] ?? "32");
}

/**
 * Two clusters with containers would use the same addresses on one computer.
 * @param {string} home @param {string} cluster @returns {Finding}
 */
function checkOtherClusters(home, cluster) {
  const other = tryList(home).find((name) => {
    const state = name === cluster ? null : tryRead(join(home, name, "cluster.json"));
    return state !== null && /"runtime":\s*"containerd"/.test(state);
  });
  return {
    name: "other clusters",
    ok: other === undefined,
    found:
      other === undefined ? "none" : `the cluster ${other} has the pod network of this computer`,
    remedy: `Take it down: npm run down -- --name ${other}. Or simulate pods: --runtime hollow`,
  };
}

/**
 * Every route but the default ones: of all tables where iproute2 is installed, else of the main
 * table.
 * @returns {{ dst: string, dev: string }[]}
 */
function ipv4Routes() {
  const listing = tryRun("ip", ["-j", "-4", "route", "show", "table", "all"]);
  if (listing !== null)
    return JSON.parse(listing)
      .filter((/** @type {{ dst: string }} */ route) => route.dst !== "default")
      .map((/** @type {{ dst: string, dev?: string }} */ { dst, dev = "" }) => ({ dst, dev }));
  return (tryRead("/proc/net/route") ?? "")
    .split("\n")
    .slice(1)
    .map((line) => line.split("\t"))
    .filter((fields) => fields.length > 7 && fields[7] !== "00000000")
    .map(([dev = "", destination = "", , , , , , mask = ""]) => {
      const bytes = [...Buffer.from(destination, "hex")].reverse();
      const bits = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
      return { dst: `${bytes.join(".")}/${bits}`, dev };
    });
}

/**
 * Firewalls drop what is forwarded unless a rule of theirs accepts it. The agent makes an exception
 * for its pods in the chain that Docker and iptables use; other chains are their owner's.
 * @param {string} podCidr @returns {Finding}
 */
function checkForwardPolicy(podCidr) {
  const drops = droppingChains();
  const rules = drops.flatMap((chain) =>
    ["saddr", "daddr"].map((end) => `nft insert rule ${chain} ip ${end} ${podCidr} accept`),
  );
  return {
    name: "forwarding",
    ok: drops.length === 0,
    warning: true,
    found: drops.length === 0 ? "accepted" : `dropped by ${drops.join(", ")}`,
    remedy: `Pods will not reach other computers. Accept their packets:\n      ${rules.join("\n      ")}`,
  };
}

/**
 * The chains at the forward hook that drop by policy, but for the one the agent handles. @returns
 * {string[]}
 */
function droppingChains() {
  const listing = tryRun("nft", ["-j", "list", "chains"]);
  const chains = listing === null ? [] : JSON.parse(listing).nftables;
  return chains
    .map((/** @type {{ chain?: Record<string, string> }} */ entry) => entry.chain ?? {})
    .filter((/** @type {Record<string, string>} */ chain) => {
      return chain["hook"] === "forward" && chain["policy"] === "drop";
    })
    .map((/** @type {Record<string, string>} */ chain) => {
      return `${chain["family"]} ${chain["table"]} ${chain["name"]}`;
    })
    .filter((/** @type {string} */ chain) => chain !== "ip filter FORWARD");
}

/** True when an executable of this name is on PATH or in the folders of system programs. */
export function hasProgram(/** @type {string} */ name) {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => folder !== "" && existsSync(join(folder, name)));
}

/** True when the CNI plugins are installed where Debian or others put them. */
export function hasCniPlugins() {
  return ["/usr/lib/cni", "/opt/cni/bin"].some(
    (folder) => existsSync(folder) && readdirSync(folder).includes("bridge"),
  );
}

/** @param {string} version @param {number[]} minimum */
function atLeast(version, minimum) {
  const [major = 0, minor = 0] = version.split(/[.-]/).map(Number);
  const [wantMajor = 0, wantMinor = 0] = minimum;
  return major > wantMajor || (major === wantMajor && minor >= wantMinor);
}

/** @param {string} a @param {string} b */
function cidrsOverlap(a, b) {
  const [first, second] = [a, b].map((text) => {
    const [address = ""] = text.split("/");
    const base = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
    const size = 2 ** (32 - prefixLength(text));
    return { from: Math.floor(base / size) * size, size };
  });
  if (first === undefined || second === undefined) return false;
  return first.from < second.from + second.size && second.from < first.from + first.size;
}

/**
 * What the program prints; null when it is missing or fails. @param {string} program @param
 * {string[]} args
 */
function tryRun(program, args) {
  try {
    return execFileSync(program, args, { stdio: ["ignore", "pipe", "ignore"] }).toString();
  } catch {
    return null;
  }
}

/** @param {string} path */
function tryRead(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** @param {string} path */
function tryReadLink(path) {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** @param {string} path */
function tryList(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** What a caught value says. @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
