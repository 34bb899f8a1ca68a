/** What a member has, as of one index of the log. */
export interface HashAnswer {
  readonly id: string;
  readonly hash: string;
}

/** What a scrub found: the hash that most have; null when no majority agrees. */
export interface ScrubVerdict {
  readonly agreed: string | null;
  /** Who has another; all of them when nobody can say who is right. */
  readonly differing: readonly string[];
}

/**
 * Compares the hashes of members that have applied the same. Pure. Null: fewer than two answered,
 * which compares nothing.
 */
export function judgeHashes(answers: readonly HashAnswer[]): ScrubVerdict | null {
  if (answers.length < 2) return null;
  const counts = new Map<string, number>();
  for (const { hash } of answers) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  const agreed = most !== undefined && most[1] * 2 > answers.length ? most[0] : null;
  const differing = answers.filter(({ hash }) => hash !== agreed).map(({ id }) => id);
  return { agreed, differing };
}
