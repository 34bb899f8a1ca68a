import { createLogger, type Logger, type LogLevel } from "../base/logger.js";

/**
 * The logger of a process: one JSON line each on stderr, level from RAFTSMAN_LOG_LEVEL (default
 * info).
 */
export function processLogger(component: string): Logger {
  return createLogger((line) => process.stderr.write(line), {
    level: levelOf(process.env["RAFTSMAN_LOG_LEVEL"]),
    timestamp: () => new Date().toISOString(),
    fields: { component },
  });
}

function levelOf(name: string | undefined): LogLevel {
  return name === "debug" || name === "warn" || name === "error" ? name : "info";
}
