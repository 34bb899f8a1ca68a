import { join } from "node:path";
import { readTextIfPresent, writePrivateFile } from "../pki/private-files.js";

const FORMAT_VERSION = 1;

/**
 * The servers that an agent has learned of, kept for its next start: the configured one may be dead
 * by then. A damaged file is as good as none.
 */
export class LearnedServers {
  private readonly path: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, "servers.json");
  }

  /** URLs of the API; none when nothing was learned yet. */
  read(): readonly string[] {
    const text = readTextIfPresent(this.path);
    try {
      const value = JSON.parse(text ?? "{}") as { version?: unknown; servers?: unknown };
      if (value.version !== FORMAT_VERSION || !Array.isArray(value.servers)) return [];
      return value.servers.filter(
        (url): url is string => typeof url === "string" && /^https:\/\/[^/]+$/.test(url),
      );
    } catch {
      return [];
    }
  }

  /** Replaces what is kept. */
  write(servers: readonly string[]): void {
    const body = { version: FORMAT_VERSION, servers };
    writePrivateFile(this.path, `${JSON.stringify(body)}\n`);
  }
}
