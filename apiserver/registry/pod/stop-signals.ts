import { type FieldError, forbidden, notSupported } from "../../../api/machinery/field-errors.js";

const NAMED: readonly string[] = [
  "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT",
  "STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX",
].flatMap((line) => line.split(" ").map((name) => `SIG${name}`));
const REAL_TIME: readonly string[] = [
  ...Array.from({ length: 15 }, (_, i) => `SIGRTMIN+${i + 1}`),
  ...Array.from({ length: 14 }, (_, i) => `SIGRTMAX-${i + 1}`),
];
const LINUX_SIGNALS: readonly string[] = [...NAMED, ...REAL_TIME].sort();
const WINDOWS_SIGNALS: readonly string[] = ["SIGKILL", "SIGTERM"];

/**
 * Checks the signal that stops a container: it must be one of the pod's operating system, which
 * must be stated.
 */
export function validateStopSignal(signal: string, path: string, osName: string): FieldError[] {
  if (osName === "")
    return [forbidden(path, "may not be set for containers with an empty `spec.os.name`")];
  const supported = osName === "windows" ? WINDOWS_SIGNALS : LINUX_SIGNALS;
  return supported.includes(signal) ? [] : [notSupported(path, signal, supported)];
}
