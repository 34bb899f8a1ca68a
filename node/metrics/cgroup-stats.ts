/** What a cgroup and everything below it used. Counters count from when the cgroup was made. */
export interface CgroupStats {
  readonly cpuUsageNs: number;
  readonly cpuUserNs: number;
  readonly cpuSystemNs: number;
  readonly cpuPeriods: number;
  readonly cpuThrottledPeriods: number;
  readonly cpuThrottledNs: number;
  readonly memoryUsageBytes: number;
  /** What cannot be taken back by dropping pages of files that nobody used lately. */
  readonly memoryWorkingSetBytes: number;
  /** Anonymous memory. */
  readonly memoryRssBytes: number;
  /** Pages of files. */
  readonly memoryCacheBytes: number;
  readonly memoryMappedFileBytes: number;
  readonly memorySwapBytes: number;
  /** Null: none. */
  readonly memoryLimitBytes: number | null;
  /** How often the limit was reached. */
  readonly memoryFailures: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  readonly oomKills: number;
  readonly processes: number;
  /** Threads, those that are processes included. */
  readonly tasks: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Operations on disks. */
  readonly reads: number;
  readonly writes: number;
}

/** The text of each file by its name; what could not be read is absent. */
export type CgroupFiles = Readonly<Record<string, string>>;

/** The files of cgroups v1 that parseCgroupV1 reads, by the controller whose hierarchy they are in. */
export const CGROUP_V1_FILES = {
  cpuacct: ["cpuacct.usage", "cpuacct.stat"],
  cpu: ["cpu.stat"],
  memory: [
    "memory.usage_in_bytes",
    "memory.stat",
    "memory.limit_in_bytes",
    "memory.failcnt",
    "memory.oom_control",
  ],
  pids: ["pids.current", "cgroup.procs"],
  blkio: ["blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_serviced_recursive"],
} as const;

/** The files of cgroups v2 that parseCgroupV2 reads. */
export const CGROUP_V2_FILES = [
  "cpu.stat",
  "memory.current",
  "memory.stat",
  "memory.max",
  "memory.events",
  "memory.swap.current",
  "pids.current",
  "cgroup.procs",
  "io.stat",
] as const;

/** cpuacct.stat counts in ticks of the clock: USER_HZ is 100 on every architecture we know. */
const TICK_NS = 1e7;
const USEC_NS = 1000;
/** What v1 shows where there is no limit: the largest number of pages. */
const NO_LIMIT_BYTES = 2 ** 62;

/**
 * Reads cgroups v1. Null when neither CPU nor memory is there: the cgroup is gone. Where a
 * controller is missing its amounts are 0.
 */
export function parseCgroupV1(files: CgroupFiles): CgroupStats | null {
  if (files["cpuacct.usage"] === undefined && files["memory.usage_in_bytes"] === undefined)
    return null;
  const ticks = keyed(files["cpuacct.stat"]);
  const cpu = keyed(files["cpu.stat"]);
  const memory = keyed(files["memory.stat"]);
  const usageBytes = amount(files["memory.usage_in_bytes"]);
  const limitBytes = amount(files["memory.limit_in_bytes"]);
  const io = throttleSums(files["blkio.throttle.io_service_bytes_recursive"]);
  const operations = throttleSums(files["blkio.throttle.io_serviced_recursive"]);
  return {
    cpuUsageNs: amount(files["cpuacct.usage"]),
    cpuUserNs: of(ticks, "user") * TICK_NS,
    cpuSystemNs: of(ticks, "system") * TICK_NS,
    cpuPeriods: of(cpu, "nr_periods"),
    cpuThrottledPeriods: of(cpu, "nr_throttled"),
    cpuThrottledNs: of(cpu, "throttled_time"),
    memoryUsageBytes: usageBytes,
    memoryWorkingSetBytes: Math.max(0, usageBytes - of(memory, "total_inactive_file")),
    memoryRssBytes: of(memory, "total_rss"),
    memoryCacheBytes: of(memory, "total_cache"),
    memoryMappedFileBytes: of(memory, "total_mapped_file"),
    memorySwapBytes: of(memory, "total_swap"),
    memoryLimitBytes: limitBytes === 0 || limitBytes > NO_LIMIT_BYTES ? null : limitBytes,
    memoryFailures: amount(files["memory.failcnt"]),
    pageFaults: of(memory, "total_pgfault"),
    majorPageFaults: of(memory, "total_pgmajfault"),
    oomKills: of(keyed(files["memory.oom_control"]), "oom_kill"),
    processes: linesOf(files["cgroup.procs"]),
    tasks: amount(files["pids.current"]),
    readBytes: io.read,
    writtenBytes: io.written,
    reads: operations.read,
    writes: operations.written,
  };
}

/** Reads cgroups v2, as parseCgroupV1 does v1. The root has no memory.current: its memory is 0. */
export function parseCgroupV2(files: CgroupFiles): CgroupStats | null {
  if (files["cpu.stat"] === undefined && files["memory.current"] === undefined) return null;
  const cpu = keyed(files["cpu.stat"]);
  const memory = keyed(files["memory.stat"]);
  const events = keyed(files["memory.events"]);
  const usageBytes = amount(files["memory.current"]);
  const limit = (files["memory.max"] ?? "max").trim();
  const io = (word: string): number => ioSum(files["io.stat"], word);
  return {
    cpuUsageNs: of(cpu, "usage_usec") * USEC_NS,
    cpuUserNs: of(cpu, "user_usec") * USEC_NS,
    cpuSystemNs: of(cpu, "system_usec") * USEC_NS,
    cpuPeriods: of(cpu, "nr_periods"),
    cpuThrottledPeriods: of(cpu, "nr_throttled"),
    cpuThrottledNs: of(cpu, "throttled_usec") * USEC_NS,
    memoryUsageBytes: usageBytes,
    memoryWorkingSetBytes: Math.max(0, usageBytes - of(memory, "inactive_file")),
    memoryRssBytes: of(memory, "anon"),
    memoryCacheBytes: of(memory, "file"),
    memoryMappedFileBytes: of(memory, "file_mapped"),
    memorySwapBytes: amount(files["memory.swap.current"]),
    memoryLimitBytes: limit === "max" ? null : amount(limit),
    memoryFailures: of(events, "max"),
    pageFaults: of(memory, "pgfault"),
    majorPageFaults: of(memory, "pgmajfault"),
    oomKills: of(events, "oom_kill"),
    processes: linesOf(files["cgroup.procs"]),
    tasks: amount(files["pids.current"]),
    readBytes: io("rbytes"),
    writtenBytes: io("wbytes"),
    reads: io("rios"),
    writes: io("wios"),
  };
}

/** The memory of a whole machine, from /proc/meminfo and the root's memory.stat of cgroups v2. */
export function machineMemory(
  meminfo: string,
  memoryStat: string,
): Pick<CgroupStats, "memoryUsageBytes" | "memoryWorkingSetBytes" | "memoryRssBytes"> {
  const bytesOf = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1];
    return found === undefined ? 0 : Number(found) * 1024;
  };
  const memory = keyed(memoryStat);
  const usageBytes = Math.max(0, bytesOf("MemTotal") - bytesOf("MemFree"));
  return {
    memoryUsageBytes: usageBytes,
    memoryWorkingSetBytes: Math.max(0, usageBytes - of(memory, "inactive_file")),
    memoryRssBytes: of(memory, "anon"),
  };
}

type Keyed = ReadonlyMap<string, number>;

/** Lines of a name and a number. */
function keyed(text = ""): Keyed {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [name = "", value = ""] = line.split(" ");
    if (/^\d+$/.test(value)) values.set(name, Number(value));
  }
  return values;
}

function of(values: Keyed, name: string): number {
  return values.get(name) ?? 0;
}

function amount(text = ""): number {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : 0;
}

function linesOf(text = ""): number {
  return text.split("\n").filter((line) => line !== "").length;
}

/** Of all devices: lines such as `8:0 Read 4096`. */
function throttleSums(text = ""): { readonly read: number; readonly written: number } {
  const sum = (word: string): number =>
    [...text.matchAll(new RegExp(`^\\d+:\\d+ ${word} (\\d+)$`, "gm"))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    );
  return { read: sum("Read"), written: sum("Write") };
}

/** Of all devices: lines such as `8:0 rbytes=4096 wbytes=0 rios=1 wios=0`. */
function ioSum(text: string | undefined, word: string): number {
  return [...(text ?? "").matchAll(new RegExp(`\\b${word}=(\\d+)`, "g"))].reduce(
    (total, [, count]) => total + Number(count),
    0,
  );
}
