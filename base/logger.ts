/**
 * By consequence: error = someone must act, warn = may become one, info = sparse, debug = on
 * demand.
 */
export type LogLevel = "error" | "warn" | "info" | "debug";

export type LogFields = Readonly<Record<string, unknown>>;

/** The message is a constant sentence; what varies goes into the fields. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  with(fields: LogFields): Logger;
}

const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Writes one JSON document a line through `write`; `timestamp` gives the time as a string. */
export function createLogger(
  write: (line: string) => void,
  options: { level: LogLevel; timestamp: () => string; fields?: LogFields },
): Logger {
  const log = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (RANK[level] > RANK[options.level]) return;
    const line = { time: options.timestamp(), level, message, ...options.fields, ...fields };
    write(`${JSON.stringify(line, replaceForLog)}\n`);
  };
  return {
    error: (message, fields) => log("error", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    info: (message, fields) => log("info", message, fields),
    debug: (message, fields) => log("debug", message, fields),
    with: (fields) => createLogger(write, { ...options, fields: { ...options.fields, ...fields } }),
  };
}

/** Drops every line. */
export const silentLogger: Logger = createLogger(() => {}, {
  level: "error",
  timestamp: () => "",
});

function replaceForLog(_key: string, value: unknown): unknown {
  if (value instanceof Error) {
    const coded = value as { code?: unknown; details?: unknown };
    return {
      name: value.name,
      message: value.message,
      code: coded.code,
      details: coded.details,
      cause: value.cause,
      stack: value.stack,
    };
  }
  return typeof value === "bigint" ? value.toString() : value;
}
