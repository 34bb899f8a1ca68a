/** Inclusive. */
interface Interval {
  readonly first: number;
  readonly last: number;
}

/** Completion indexes of a Job, kept as intervals: a hundred thousand of them cost little. */
export class IndexSet {
  /** Ascending, with a gap between each two. */
  private readonly intervals: readonly Interval[];
  readonly size: number;

  private constructor(intervals: readonly Interval[]) {
    this.intervals = intervals;
    this.size = intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  /** Reads "1,3-5,7"; what is no index below `completions` is left out. */
  static parse(text: string, completions: number): IndexSet {
    const intervals: Interval[] = [];
    for (const part of text.split(",")) {
      const match = /^(\d+)(?:-(\d+))?$/.exec(part);
      if (match === null) continue;
      const first = Number(match[1]);
      const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
      if (last >= first) intervals.push({ first, last });
    }
    return new IndexSet(joined(intervals));
  }

  static of(indexes: Iterable<number>): IndexSet {
    return new IndexSet(joined(Array.from(indexes, (index) => ({ first: index, last: index }))));
  }

  has(index: number): boolean {
    let [low, high] = [0, this.intervals.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const { first, last } = this.intervals[middle] as Interval;
      if (index < first) high = middle - 1;
      else if (index > last) low = middle + 1;
      else return true;
    }
    return false;
  }

  with(indexes: Iterable<number>): IndexSet {
    const added = Array.from(indexes, (index) => ({ first: index, last: index }));
    return added.length === 0 ? this : new IndexSet(joined([...this.intervals, ...added]));
  }

  union(other: IndexSet): IndexSet {
    return new IndexSet(joined([...this.intervals, ...other.intervals]));
  }

  /** How many indexes are in both. */
  countIn(other: IndexSet): number {
    let count = 0;
    for (const a of this.intervals)
      for (const b of other.intervals) {
        const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
        if (last >= first) count += last - first + 1;
      }
    return count;
  }

  /** The `count` lowest indexes below `completions` that are not in it. */
  missing(count: number, completions: number): number[] {
    const found: number[] = [];
    let next = 0;
    for (const { first, last } of [...this.intervals, { first: completions, last: completions }]) {
      for (; next < first && next < completions; next += 1) {
        if (found.length >= count) return found;
        found.push(next);
      }
      next = last + 1;
    }
    return found;
  }

  /** As in a Job's status: "1,3-5,7"; of two neighbours both are named. */
  toString(): string {
    const texts = this.intervals.map(({ first, last }) => {
      if (first === last) return String(first);
      return `${first}${last === first + 1 ? "," : "-"}${last}`;
    });
    return texts.join(",");
  }
}

function joined(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a.first - b.first);
  const result: Interval[] = [];
  for (const interval of sorted) {
    const before = result.at(-1);
    if (before === undefined || interval.first > before.last + 1) result.push(interval);
    else
      result[result.length - 1] = {
        first: before.first,
        last: Math.max(before.last, interval.last),
      };
  }
  return result;
}
