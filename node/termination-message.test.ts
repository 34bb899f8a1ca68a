import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { RUNTIME_KEYS } from "./plan/pod-runtime.js";
import { readTerminationMessage } from "./termination-message.js";

const AT = "2026-01-01T00:00:00.000000000Z";

t.test("last words", async (t) => {
  const dir = t.testdir({});
  const logPath = join(dir, "0.log");
  const file = join(dir, "message");
  const ask = (exitCode: number, policy: string): Promise<string> => {
    const { terminationMessagePath, terminationMessagePolicy } = RUNTIME_KEYS;
    const annotations = { [terminationMessagePath]: file, [terminationMessagePolicy]: policy };
    const status = { annotations, exitCode, logPath } as Parameters<
      typeof readTerminationMessage
    >[0];
    return readTerminationMessage(status);
  };
  const lines = ["stdout F one", "stderr P half a ", "stderr F line", "stdout F a F b"];
  writeFileSync(logPath, lines.map((line) => `${AT} ${line}\n`).join(""));
  const all = "one\nhalf a line\na F b\n";
  t.equal(await ask(3, "FallbackToLogsOnError"), all, "as the program wrote them");
  t.equal(await ask(0, "FallbackToLogsOnError"), "", "it did not fail");
  t.equal(await ask(3, "File"), "");
  writeFileSync(file, "said");
  t.equal(await ask(3, "FallbackToLogsOnError"), "said");
});
