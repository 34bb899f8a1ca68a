import t from "tap";
import { machineMemory, parseCgroupV1, parseCgroupV2 } from "./cgroup-stats.js";

const V1 = {
  "cpuacct.usage": "8834740585324\n",
  "cpuacct.stat": "user 736572\nsystem 146901\n",
  "cpu.stat": "nr_periods 200\nnr_throttled 50\nthrottled_time 1500000000\n",
  "memory.usage_in_bytes": "104857600\n",
  // Without "total_" the amounts are of the processes right here, without the cgroups below.
  "memory.stat":
    "cache 1\nrss 2\ninactive_file 3\nhierarchical_memory_limit 268435456\ntotal_cache 41943040\n" +
    "total_rss 62914560\ntotal_mapped_file 4096\ntotal_swap 8192\ntotal_pgfault 1000\n" +
    "total_pgmajfault 7\ntotal_inactive_file 20971520\n",
  "memory.limit_in_bytes": "268435456\n",
  "memory.failcnt": "4\n",
  "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
  "pids.current": "12\n",
  "cgroup.procs": "4\n17\n256\n",
  "blkio.throttle.io_service_bytes_recursive":
    "8:0 Read 4096\n8:0 Write 52428800\n8:0 Sync 0\n8:0 Total 52432896\n" +
    "254:16 Read 1\n254:16 Write 2\n254:16 Total 3\nTotal 52432899\n",
  "blkio.throttle.io_serviced_recursive":
    "8:0 Read 1\n8:0 Write 9\n8:0 Total 10\n254:16 Read 0\n254:16 Write 4\nTotal 14\n",
};
const V2 = {
  "cpu.stat":
    "usage_usec 8834740585\nuser_usec 7365720000\nsystem_usec 1469010000\nnr_periods 200\n" +
    "nr_throttled 50\nthrottled_usec 1500000\n",
  "memory.current": "104857600\n",
  "memory.stat":
    "anon 62914560\nfile 41943040\nfile_mapped 4096\ninactive_file 20971520\npgfault 1000\n" +
    "pgmajfault 7\n",
  "memory.max": "268435456\n",
  "memory.events": "low 0\nhigh 0\nmax 4\noom 2\noom_kill 2\n",
  "memory.swap.current": "8192\n",
  "pids.current": "12\n",
  "cgroup.procs": "4\n17\n256\n",
  "io.stat":
    "8:0 rbytes=4096 wbytes=52428800 rios=1 wios=9 dbytes=0 dios=0\n254:16 rbytes=1 wbytes=2 rios=0 wios=4\n",
};
const EXPECTED = {
  cpuUserNs: 7_365_720_000_000,
  cpuSystemNs: 1_469_010_000_000,
  cpuPeriods: 200,
  cpuThrottledPeriods: 50,
  cpuThrottledNs: 1_500_000_000,
  memoryUsageBytes: 100 * 2 ** 20,
  memoryWorkingSetBytes: 80 * 2 ** 20,
  memoryRssBytes: 60 * 2 ** 20,
  memoryCacheBytes: 40 * 2 ** 20,
  memoryMappedFileBytes: 4096,
  memorySwapBytes: 8192,
  memoryLimitBytes: 256 * 2 ** 20,
  memoryFailures: 4,
  pageFaults: 1000,
  majorPageFaults: 7,
  oomKills: 2,
  processes: 3,
  tasks: 12,
  readBytes: 4097,
  writtenBytes: 52_428_802,
  reads: 1,
  writes: 13,
};

t.test("both versions say the same", (t) => {
  t.same(parseCgroupV1(V1), { ...EXPECTED, cpuUsageNs: 8_834_740_585_324 });
  t.same(parseCgroupV2(V2), { ...EXPECTED, cpuUsageNs: 8_834_740_585_000 });
  t.end();
});

t.test("no limit, nothing there, half of it there", (t) => {
  const unlimited = parseCgroupV1({ ...V1, "memory.limit_in_bytes": "9223372036854771712\n" });
  t.equal(unlimited?.memoryLimitBytes, null);
  t.equal(parseCgroupV2({ ...V2, "memory.max": "max\n" })?.memoryLimitBytes, null);
  t.equal(parseCgroupV1({}), null);
  t.equal(parseCgroupV2({ "pids.current": "1" }), null);
  const cpuAlone = { "cpuacct.usage": "5" };
  t.match(parseCgroupV1(cpuAlone), { cpuUsageNs: 5, memoryUsageBytes: 0, tasks: 0 });
  const tight = { ...V2, "memory.current": "4096\n" };
  t.equal(parseCgroupV2(tight)?.memoryWorkingSetBytes, 0, "never below nothing");
  t.match(parseCgroupV2({ "cpu.stat": "garbage\n\nusage_usec x\n" }), { cpuUsageNs: 0 });
  t.end();
});

t.test("the memory of a machine", (t) => {
  const meminfo = "MemTotal:       24684092 kB\nMemFree:        17827972 kB\nSwapTotal: 0 kB\n";
  t.same(machineMemory(meminfo, "anon 4096\ninactive_file 1024\n"), {
    memoryUsageBytes: (24_684_092 - 17_827_972) * 1024,
    memoryWorkingSetBytes: (24_684_092 - 17_827_972) * 1024 - 1024,
    memoryRssBytes: 4096,
  });
  t.same(machineMemory("", "").memoryUsageBytes, 0);
  t.end();
});
