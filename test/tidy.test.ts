import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import t from "tap";

/** The house rules that the compiler cannot see. Each ban says what to use instead. */

const ROOT = join(import.meta.dirname, "../..");

/** What decides and never acts: no clock, no randomness, no I/O, no waiting. */
const PURE: readonly RegExp[] = [
  /^base\//,
  /^api\/(machinery|schema)\//,
  /^consensus\/raft-ts\/src\//,
  /^gossip\/swim\//,
  /^controllers\/[a-z-]+\/plan\.ts$/,
  /^scheduler\/(framework|plugins)\//,
  /^scheduler\/(scheduling-queue|schedule-one)\.ts$/,
  /^node\/plan\//,
  /^node\/proxy\/nftables[a-z-]*\.ts$/,
  /^apiserver\/registry\//,
];

/**
 * Floors of the house: a folder imports from lower floors only; these may besides import each
 * other.
 */
const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  api: 1,
  consensus: 1,
  gossip: 1,
  apiserver: 2,
  controllers: 3,
  scheduler: 3,
  node: 3,
  deploy: 4,
  test: 5,
};

interface Rule {
  readonly pattern: RegExp;
  readonly instead: string;
  readonly pureOnly?: true;
  /** True: comments are prose and may use the word. */
  readonly codeOnly?: true;
  /** Files the rule does not bind, with the reason in the rule's comment. */
  readonly except?: RegExp;
}

const RULES: readonly Rule[] = [
  // base/clock.ts and time.ts parse and print times that are handed to them.
  {
    pattern: /\bDate\.now\b|\bnew Date\(\)/,
    instead: "the injected Clock, or ticks",
    pureOnly: true,
  },
  { pattern: /\bperformance\.now\b|\bhrtime\b/, instead: "the injected Clock", pureOnly: true },
  { pattern: /\bMath\.random\b|\brandomUUID\b/, instead: "the injected Random", pureOnly: true },
  {
    pattern: /\blocaleCompare\b|\bIntl\b/,
    instead: "a comparison with < and >",
    pureOnly: true,
    // The only door to the time zone database that comes with Node.js: data, not a locale.
    except: /^api\/machinery\/time-zone\.ts$/,
  },
  {
    pattern: /^\s*(export )?async |\bawait /,
    instead: "a plan that the shell carries out",
    pureOnly: true,
    // The frame of the scheduler's plugins also runs those of the binding cycle, which talk to the
    // API.
    except: /^scheduler\/framework\/framework\.ts$/,
  },
  { pattern: /from "node:/, instead: "plain values handed in by the caller", pureOnly: true },
  { pattern: /^export default\b/, instead: "a named export" },
  {
    pattern: /^(export )?(const )?enum\b/,
    instead: "a union of string literals",
    // Protobuf's own language, as text.
    except: /^node\/(cri\/cri-proto|probes\/probe-runner)\.ts$/,
  },
  {
    pattern: /: any\b(?! \w)|\bas any\b(?! \w)|<any>/,
    instead: "unknown, and a parse function",
    codeOnly: true,
  },
  { pattern: /\bFIXME\b|\bXXX\b/, instead: "finish it, or TODO(#issue)" },
  { pattern: /\bTODO\b(?!\(#\d+\))/, instead: "TODO(#issue)" },
  {
    pattern: /@ts-ignore|@ts-expect-error|oxlint-disable(?!.* -- )|eslint-disable/,
    instead: "the right type, or the reason behind ` -- `",
  },
  { pattern: /\.(only|skip)\(/, instead: "a test that runs" },
  { pattern: /from "\.[^"]*(?<!\.js|\.json)"/, instead: "imports that end in .js" },
  // A literal that long cannot be broken without harm to whoever searches for it.
  { pattern: /^(?!.*["'`/].{60,}).{101,}$/, instead: "lines of at most 100 columns" },
];

const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.ts"], {
  cwd: ROOT,
})
  .toString()
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));

const sources = tracked
  .filter((path) => !path.endsWith(".d.ts") && path !== "test/tidy.test.ts")
  .map((path) => ({ path, lines: readFileSync(join(ROOT, path), "utf8").split("\n") }));

const isTest = (path: string): boolean => path.endsWith(".test.ts") || path.startsWith("test/");
const isPure = (path: string): boolean => !isTest(path) && PURE.some((p) => p.test(path));
const isGenerated = (path: string): boolean => path.endsWith(".gen.ts");

function findings(rule: Rule): string[] {
  const found: string[] = [];
  for (const { path, lines } of sources) {
    if (isGenerated(path) || rule.except?.test(path) === true) continue;
    if (rule.pureOnly === true && !isPure(path)) continue;
    lines.forEach((line, index) => {
      if (isComment(line) && (rule.pureOnly === true || rule.codeOnly === true)) return;
      // The schema notation holds one description a line, as long as it needs to be.
      if (path.startsWith("api/schema/groups/") && rule.instead.startsWith("lines of")) return;
      if (rule.pattern.test(line)) found.push(`${path}:${index + 1}: ${line.trim().slice(0, 90)}`);
    });
  }
  return found;
}

function isComment(line: string): boolean {
  return /^\s*(\/\/|\*|\/\*)/.test(line);
}

interface Import {
  readonly from: string;
  readonly to: string;
}

function imports(): Import[] {
  const all: Import[] = [];
  for (const { path, lines } of sources) {
    for (const line of lines) {
      const target = /(?:from|import\() ?"(\.{1,2}\/[^"]+)"/.exec(line)?.[1];
      if (target !== undefined)
        all.push({ from: path, to: normalize(join(dirname(path), target)) });
    }
  }
  return all;
}

const folderOf = (path: string): string => path.split("/")[0] ?? "";

t.test("bans, each with its replacement", (t) => {
  for (const rule of RULES) t.same(findings(rule), [], `use ${rule.instead}`);
  t.end();
});

t.test("floors: imports go down only", (t) => {
  const wrong = imports().filter(({ from, to }) => {
    if (isTest(from)) return false;
    const [here, there] = [folderOf(from), folderOf(to)];
    return here !== there && (FLOORS[here] ?? 9) <= (FLOORS[there] ?? 9);
  });
  t.same(wrong, []);
  t.end();
});

t.test("the one door of consensus", (t) => {
  const DOORS: readonly { to: string; open: readonly string[] }[] = [
    { to: "consensus/consensus.js", open: ["apiserver", "deploy", "test"] },
    { to: "consensus/main.js", open: ["deploy", "test"] },
    { to: "consensus/simulation.js", open: ["test"] },
  ];
  const wrong = imports().filter(({ from, to }) => {
    if (folderOf(to) !== "consensus" || folderOf(from) === "consensus") return false;
    const door = DOORS.find((candidate) => candidate.to === to);
    return door === undefined || !door.open.includes(folderOf(from));
  });
  t.same(wrong, []);
  t.end();
});

t.test("names and sizes of files", (t) => {
  const names = tracked.filter(
    (path) => !/^[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(path.split("/").at(-1) ?? ""),
  );
  t.same(names, [], "kebab-case");
  const forbidden = tracked.filter((path) => /(^|\/)(index|utils?|helpers?|misc)\.ts$/.test(path));
  t.same(forbidden, [], "a file is named after the one thing it exports");
  const large = sources
    .filter(({ path, lines }) => lines.length > 800 && !isGenerated(path) && !isTest(path))
    .filter(({ path }) => !path.startsWith("api/schema/groups/"))
    .map(({ path, lines }) => `${path}: ${lines.length} lines`);
  t.same(large, [], "at most 800 lines");
  t.end();
});

t.test("nothing in the repository knows where it was written", (t) => {
  const text = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: ROOT })
    .toString()
    .split("\n")
    .filter((path) => path !== "" && path !== "test/tidy.test.ts" && existsSync(join(ROOT, path)))
    .filter((path) => !/\.(png|tar|gz|pb)$/.test(path) && path !== "package-lock.json");
  const outside = /\/work\/(main|shared)|\.\.\/shared\b/;
  // The facts that .ci/run checks against stand beside a checkout, where there are any.
  const found = text
    .filter((path) => path !== ".ci/run")
    .filter((path) => outside.test(readFileSync(join(ROOT, path), "utf8")));
  t.same(found, []);
  t.end();
});
