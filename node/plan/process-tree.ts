/** One process of the computer. */
export interface ProcessLine {
  readonly pid: number;
  readonly parentPid: number;
  readonly args: readonly string[];
}

/** The pids of those that `isRoot` picks and of all below them, children before their parents. */
export function descendantsOf(
  processes: readonly ProcessLine[],
  isRoot: (line: ProcessLine) => boolean,
): readonly number[] {
  const children = new Map<number, number[]>();
  for (const { pid, parentPid } of processes)
    children.set(parentPid, [...(children.get(parentPid) ?? []), pid]);
  const found = new Set<number>();
  const visit = (pid: number): void => {
    if (found.has(pid)) return;
    found.add(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  for (const line of processes) if (isRoot(line)) visit(line.pid);
  return [...found].reverse();
}
