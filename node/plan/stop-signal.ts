/** Linux' signals by number, from 1 on (signal(7), x86 and ARM). */
const NAMES: readonly string[] = (
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP " +
  "TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
).split(" ");
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["IOT", "ABRT"],
  ["CLD", "CHLD"],
  ["POLL", "IO"],
]);
/** The first that programs may use: the C library keeps two for itself. */
const REAL_TIME_FIRST = 34;
const REAL_TIME_LAST = 64;

/** The number of a signal such as SIGUSR1 or SIGRTMIN+3; null: Linux has none of that name. */
export function signalNumber(name: string): number | null {
  const realTime = /^SIGRT(MIN|MAX)(?:([+-])(\d{1,2}))?$/u.exec(name);
  if (realTime !== null) {
    const [, end, sign, count = "0"] = realTime;
    const offset = sign === "-" ? -Number(count) : Number(count);
    const number = (end === "MIN" ? REAL_TIME_FIRST : REAL_TIME_LAST) + offset;
    return number >= REAL_TIME_FIRST && number <= REAL_TIME_LAST ? number : null;
  }
  const word = name.startsWith("SIG") ? name.slice(3) : "";
  const index = NAMES.indexOf(ALIASES.get(word) ?? word);
  return index < 0 ? null : index + 1;
}
