/** How many indexes a text such as "0,3-5" names, or why it names none. */
export type ParsedIndexes =
  | { readonly ok: true; readonly count: number }
  | { readonly ok: false; readonly error: string };

/** Reads indexes below `completions`, in ascending order: "1,3-5,7". */
export function parseIndexes(text: string, completions: number): ParsedIndexes {
  if (text === "") return { ok: true, count: 0 };
  let count = 0;
  let last = -1;
  for (const interval of text.split(",")) {
    const limits = interval.split("-");
    if (limits.length > 2)
      return failed(
        `the fragment "${interval}" violates the requirement that an index interval can have at most two parts separated by '-'`,
      );
    const [from, to = from] = limits.map((limit) => (/^\d+$/.test(limit) ? Number(limit) : null));
    if (from === null || from === undefined || to === null || to === undefined)
      return failed(`cannot convert string to integer for index: "${badPart(limits)}"`);
    for (const index of [from, to])
      if (index >= completions) return failed(`too large index: "${index}"`);
    if (from <= last) return failed(`non-increasing order, previous: ${last}, current: ${from}`);
    if (limits.length === 2 && to <= from)
      return failed(`non-increasing order, previous: ${from}, current: ${to}`);
    count += to - from + 1;
    last = to;
  }
  return { ok: true, count };
}

function badPart(limits: readonly string[]): string {
  return limits.find((limit) => !/^\d+$/.test(limit)) ?? "";
}

function failed(error: string): ParsedIndexes {
  return { ok: false, error };
}
