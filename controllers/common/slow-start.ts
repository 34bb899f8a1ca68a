/**
 * Runs `count` calls in batches of 1, 2, 4 …, each batch concurrently, and stops after the first
 * batch with a failure: a quota that refuses every pod costs one request, not hundreds. Returns how
 * many succeeded and the first error.
 */
export async function slowStart(
  count: number,
  call: (index: number) => Promise<void>,
): Promise<{ readonly succeeded: number; readonly error: unknown }> {
  let succeeded = 0;
  let started = 0;
  for (let batch = 1; started < count; batch *= 2) {
    const size = Math.min(batch, count - started);
    const first = started;
    started += size;
    const calls = Array.from({ length: size }, (_, i) => call(first + i));
    const results = await Promise.allSettled(calls);
    const failed = results.find((result) => result.status === "rejected");
    succeeded += results.filter((result) => result.status === "fulfilled").length;
    if (failed?.status === "rejected") return { succeeded, error: failed.reason };
  }
  return { succeeded, error: null };
}

/**
 * Runs a call for every item, `width` at a time; rejects with the first error after all have ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  call: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      await call(item).catch((error: unknown) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (errors.length > 0) throw errors[0];
}
