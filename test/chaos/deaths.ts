/** The servers' processes that run, by server and name, such as "server-1 api". */
export type Processes = ReadonlyMap<string, number>;

/**
 * Which processes that ran before are gone or replaced, though nobody attacked their server; null:
 * none. Servers restart their api process by themselves, and so does the next fault with a server:
 * whoever does not look here does not see a crash. Pure.
 */
export function unexplainedDeaths(
  before: Processes,
  after: Processes,
  attacked: readonly string[] = [],
): string | null {
  const died = [...before].filter(([key, pid]) => {
    const [server = ""] = key.split(" ");
    return !attacked.includes(server) && after.get(key) !== pid;
  });
  if (died.length === 0) return null;
  return died.map(([key, pid]) => `${key} (pid ${pid}) ended by itself`).join("; ");
}
