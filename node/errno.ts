/** True when the operating system refused with this code, such as "ENOENT". */
export function hasErrno(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}
