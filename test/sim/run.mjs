// `npm run sim -- …`: builds, then runs the compiled simulation.
import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  ROOT,
  build,
  installNpmPackages,
  npmInstallNeeded,
} from "../../deploy/preflight/packages.mjs";

if (npmInstallNeeded()) await installNpmPackages();
await build();
const main = join(ROOT, "build/test/sim/main.js");
const child = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.on(signal, () => child.kill(signal));
child.on("exit", (code) => process.exit(code ?? 130));
