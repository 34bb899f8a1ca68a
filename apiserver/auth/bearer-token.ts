/** The token of an `Authorization` header; null when it holds none. */
export function bearerTokenOf(authorization: string): string | null {
  const match = /^bearer +([^\s]+) *$/iu.exec(authorization);
  return match?.[1] ?? null;
}
