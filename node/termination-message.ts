import { open } from "node:fs/promises";
import type { ContainerRuntimeStatus } from "./cri/cri-types.js";
import { RUNTIME_KEYS } from "./plan/pod-runtime.js";

const MESSAGE_BYTES_MAX = 4096;
const LOG_BYTES_MAX = 2048;
const LOG_LINES_MAX = 80;

/** What a container that has ended left as its last words; empty when it left none. */
export async function readTerminationMessage(
  status: Pick<ContainerRuntimeStatus, "annotations" | "exitCode" | "logPath">,
): Promise<string> {
  const path = status.annotations[RUNTIME_KEYS.terminationMessagePath];
  if (path !== undefined) {
    const text = await readEnd(path, MESSAGE_BYTES_MAX);
    if (text !== "") return text;
  }
  const policy = status.annotations[RUNTIME_KEYS.terminationMessagePolicy];
  if (policy !== "FallbackToLogsOnError" || status.exitCode === 0) return "";
  const lines = (await readEnd(status.logPath, 4 * LOG_BYTES_MAX)).trimEnd().split("\n");
  return lines.slice(-LOG_LINES_MAX).map(textOfLine).join("").slice(-LOG_BYTES_MAX);
}

/** Each line of a CRI log is `time stream tag text`; `P`: the program's line goes on in the next. */
function textOfLine(line: string): string {
  const [, tag, text] = /^\S+ \S+ (\S+) (.*)$/s.exec(line) ?? [];
  if (text === undefined) return "";
  return tag === "P" ? text : `${text}\n`;
}

async function readEnd(path: string, bytesMax: number): Promise<string> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, bytesMax);
    const buffer = Buffer.alloc(length);
    await file.read(buffer, 0, length, size - length);
    return buffer.toString();
  } finally {
    await file.close();
  }
}
