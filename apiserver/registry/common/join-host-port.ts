/** "10.0.0.1:80", or "[fd00::1]:80" for an address that holds colons itself. */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
