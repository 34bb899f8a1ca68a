#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Nothing here may need a recent Node.js: an old one has to be told so in words.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const entry = new URL("../build/deploy/cli/main.js", import.meta.url);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `error: this is Node.js ${process.versions.node}\n  Install 20.19 or later.\n`,
  );
  process.exitCode = 1;
} else if (!existsSync(fileURLToPath(entry))) {
  process.stderr.write("error: raftsman is not built yet\n  Run: npm ci && npm run build\n");
  process.exitCode = 1;
} else {
  await import(entry.href);
}
