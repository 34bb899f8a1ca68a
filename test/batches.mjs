// Which test files share a process. A process costs a quarter of a second before its first test: more than most
// test files take.

/** Files of one process: so many that its start hardly counts, so few that both cores stay busy to the end. */
const BATCH_MAX = 12;

/**
 * What a file must not do in a process with others, by its compiled text: use tap's root for more than tests of
 * its own (a limit, a teardown or a failed assertion there is everybody's), wait before its tests are there,
 * open ports, start threads or programs, or touch the process.
 */
const NEEDS_ITS_OWN = [
  /^(?:void |await )?t\.(?!test\()/m,
  /^(?:(?:const|let) .* = )?await /m,
  /"node:(?:child_process|cluster|dgram|http|http2|https|net|tls|worker_threads)"/,
  /\b(?:process|globalThis)\b/,
  /\.(?:testdir|matchSnapshot)\(/,
];

/**
 * Groups test files by process, each file once: first those by themselves, then the batches, each of neighbours.
 * @param {readonly string[]} files in order
 * @param {(file: string) => string} textOf
 * @returns {string[][]}
 */
export function batchesOf(files, textOf) {
  /** @type {string[][]} */
  const alone = [];
  /** @type {string[]} */
  const shared = [];
  for (const file of files)
    if (NEEDS_ITS_OWN.some((pattern) => pattern.test(textOf(file)))) alone.push([file]);
    else shared.push(file);
  const batches = Math.ceil(shared.length / BATCH_MAX);
  const size = Math.ceil(shared.length / Math.max(1, batches));
  for (let at = 0; at < shared.length; at += size) alone.push(shared.slice(at, at + size));
  return alone;
}
