/**
 * True for a name of the IANA time zone database, such as Europe/Berlin or UTC. The database is the
 * one that comes with Node.js; offsets such as +01:00 and the machine's own zone are no names.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Made once for each zone that is asked for: making one takes a hundred times a look at it. */
const formats = new Map<string, Intl.DateTimeFormat>();
const FORMATS_MAX = 64;

/**
 * How far the clocks of a zone are ahead of UTC at a time (ms since 1970), in ms. The zone must be
 * one by isTimeZone.
 */
export function zoneOffsetMs(timeMs: number, timeZone: string): number {
  if (timeZone === "UTC") return 0;
  const second = Math.floor(timeMs / 1000) * 1000;
  const parts = new Map<string, number>();
  for (const { type, value } of formatFor(timeZone).formatToParts(second))
    parts.set(type, Number(value));
  const of = (type: string): number => parts.get(type) ?? 0;
  const [hour, minute, seconds] = [of("hour"), of("minute"), of("second")];
  return Date.UTC(of("year"), of("month") - 1, of("day"), hour, minute, seconds) - second;
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  if (formats.size >= FORMATS_MAX) formats.clear();
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, format);
  return format;
}
