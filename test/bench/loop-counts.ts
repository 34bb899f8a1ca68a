import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import type { ApiClient } from "../../api/client/client-types.js";

/** By the queue's name: how often the loop looked at an object. */
export type LoopCounts = Readonly<Record<string, number>>;

/** Reads `workqueue_work_duration_seconds_count` of the one server. */
export async function loopCounts(client: ApiClient): Promise<LoopCounts> {
  const { body } = await client.stream("/metrics", { timeoutMs: 120_000 });
  const page = await text(Readable.from(body));
  const counts: Record<string, number> = {};
  const line = /^workqueue_work_duration_seconds_count\{name="([^"]+)"[^}]*\} (\S+)$/gmu;
  for (const [, name = "", count] of page.matchAll(line)) counts[name] = Number(count);
  return counts;
}

/** What was added since. */
export function since(before: LoopCounts, now: LoopCounts): LoopCounts {
  return Object.fromEntries(
    Object.entries(now).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}
