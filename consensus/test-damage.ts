import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../base/random.js";
import { openStore } from "./consensus.js";

const PAGE_BYTES = 4096;
const KEYS = 60;
const WRITES = 900;
const options = {
  name: "a",
  fsync: false,
  snapshotEntries: 250,
  segmentSizeBytes: 60_000,
} as const;

/** A store with several segments, two snapshots and history; and the dumb second version of it. */
export async function fill(dataDir: string, random: SeededRandom): Promise<string> {
  let store = await openStore({ ...options, dataDir });
  const now = new Map<string, string>();
  let past = new Map<string, string>();
  for (let n = 0; n < WRITES; n += 1) {
    // LevelDB makes a table of its log when it is opened.
    if (n === WRITES >> 1) {
      await store.close();
      store = await openStore({ ...options, dataDir });
    }
    const key = `/${String(random.below(KEYS)).padStart(3, "0")}`;
    const value = `${n}-${"v".repeat(random.below(400))}`;
    const op = { type: "put", key: Buffer.from(key), value: Buffer.from(value) } as const;
    const { revision } = await store.txn({ compares: [], success: [op] });
    now.set(key, value);
    if (revision === WRITES >> 1) past = new Map(now);
  }
  await store.close();
  return [now, past]
    .flatMap((map) => [...map].map(([key, value]) => `${key}=${value}`).sort())
    .join("\n");
}

type Damage = (bytes: Buffer, random: SeededRandom) => string;

const DAMAGES: Readonly<Record<string, Damage>> = {
  "a flipped bit": (bytes, random) => {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return `at ${at}`;
  },
  "a zeroed page": (bytes, random) => {
    const page = random.below(Math.ceil(bytes.length / PAGE_BYTES));
    bytes.fill(0, page * PAGE_BYTES, Math.min((page + 1) * PAGE_BYTES, bytes.length));
    return `page ${page}`;
  },
};

const KINDS: readonly { readonly folder: string; readonly pattern: RegExp }[] = [
  { folder: "wal", pattern: /\.wal$/ },
  { folder: "snapshots", pattern: /\.snap$/ },
  { folder: "store", pattern: /\.ldb$/ },
  { folder: "store", pattern: /\.log$/ },
  { folder: "store", pattern: /^MANIFEST/ },
  { folder: "store", pattern: /^CURRENT$/ },
];

/**
 * Opens one store after the other and prints what came of each: everything as of now and as of a
 * revision in the past, or the refusal. A process of its own, for an assertion of LevelDB may end
 * it.
 */
const OPENER = `
  import { writeSync } from "node:fs";
  import { openStore } from ${JSON.stringify(new URL("./consensus.js", import.meta.url).href)};
  const all = { key: Buffer.from("/"), rangeEnd: Buffer.from("0") };
  for (const dataDir of process.argv.slice(1)) {
    const told = await open(dataDir);
    let bytes = Buffer.from(JSON.stringify(told) + "\\n");
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(3, bytes));
  }
  async function open(dataDir) {
    let store;
    try {
      store = await openStore({ ...${JSON.stringify(options)}, dataDir });
    } catch (error) {
      return { refused: error.code + ": " + error.message };
    }
    const found = [];
    for (const revision of [0, ${WRITES >> 1}])
      for (const { key, value } of (await store.range({ ...all, revision })).kvs)
        found.push(key + "=" + value.toString("latin1"));
    await store.close();
    return { found: found.join("\\n") };
  }
`;

export interface Outcome {
  readonly found?: string;
  readonly refused?: string;
  /** Starts that LevelDB ended. */
  readonly deaths: number;
}

/** As a supervisor does: a start that died is followed by another, and that one must do. */
export function outcomes(dataDirs: readonly string[]): Outcome[] {
  const known: Outcome[] = [];
  let deaths = 0;
  while (known.length < dataDirs.length) {
    const left = dataDirs.slice(known.length);
    const { signal, output, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", OPENER, ...left],
      { encoding: "utf8", maxBuffer: 256 * 1024 * 1024, stdio: ["ignore", "pipe", "pipe", "pipe"] },
    );
    for (const line of (output[3] ?? "").split("\n").filter((one) => one !== "")) {
      known.push({ ...(JSON.parse(line) as Omit<Outcome, "deaths">), deaths });
      deaths = 0;
    }
    if (known.length === dataDirs.length) break;
    if (signal === null || deaths > 0)
      throw new Error(`start ${deaths + 1} of ${dataDirs[known.length]}: ${signal} ${stderr}`);
    deaths = 1;
  }
  return known;
}

interface Damaged {
  readonly dataDir: string;
  readonly kind: string;
  readonly label: string;
}

interface Test {
  teardown(run: () => void): void;
  ok(value: unknown, message: string): void;
  equal(found: unknown, wanted: unknown, message: string): void;
  match(found: unknown, wanted: RegExp, message: string): void;
  comment(text: string): void;
}

/** Damages each kind of file `rounds` times each way, at random places, and looks what comes of it. */
export async function damageEach(
  t: Test,
  { rounds, seed }: { readonly rounds: number; readonly seed: number },
): Promise<void> {
  const random = new SeededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), "raftsman-damage-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const whole = join(folder, "whole");
  const expected = await fill(whole, random);
  const healed = new Set<string>();
  let deaths = 0;
  for (let round = 0; round < rounds; round += 1) {
    const damaged = damagedCopies(whole, join(folder, String(round)), random);
    const found = outcomes(damaged.map(({ dataDir }) => dataDir));
    damaged.forEach(({ kind, label }, i) => {
      const is = found[i] as Outcome;
      const text = `seed ${seed}: ${label}`;
      deaths += is.deaths;
      if (is.refused !== undefined) {
        t.match(is.refused, REFUSAL, text);
        t.equal(kind, "wal", `${text}: only a damaged log is beyond help (${is.refused})`);
        return;
      }
      healed.add(kind);
      t.ok(is.found === expected, `${text}: everything is there`);
    });
    rmSync(join(folder, String(round)), { recursive: true, force: true });
  }
  t.comment(`${deaths} starts died in LevelDB; the next one healed each`);
  t.ok(healed.has("store") && healed.has("snapshots"), "LevelDB and snapshots heal from the log");
}

const REFUSAL = /^(WalCorrupt|SnapshotCorrupt|UnknownFormat): .*(restore|Restore|newer release)/;

/** Copies of a data folder with one damage each: every damage of every kind of file. */
function damagedCopies(whole: string, folder: string, random: SeededRandom): Damaged[] {
  const copies: Damaged[] = [];
  for (const kind of KINDS)
    for (const [what, damage] of Object.entries(DAMAGES)) {
      const names = readdirSync(join(whole, kind.folder)).filter((one) => kind.pattern.test(one));
      const name = names[random.below(names.length)];
      const bytes = name === undefined ? NOTHING : readFileSync(join(whole, kind.folder, name));
      if (name === undefined || bytes.length === 0) continue;
      const dataDir = join(folder, String(copies.length));
      cpSync(whole, dataDir, { recursive: true });
      const where = damage(bytes, random);
      writeFileSync(join(dataDir, kind.folder, name), bytes);
      const label = `${what} in ${kind.folder}/${name} ${where}`;
      copies.push({ dataDir, kind: kind.folder, label });
    }
  return copies;
}

const NOTHING = Buffer.alloc(0);
