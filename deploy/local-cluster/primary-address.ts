import { execFileSync } from "node:child_process";
import { networkInterfaces } from "node:os";

/**
 * The IPv4 address other hosts know this computer by: the source address of its default route, else
 * the first besides loopback; null when it has none.
 */
export function primaryAddress(): string | null {
  return routedAddress() ?? firstAddress();
}

function routedAddress(): string | null {
  if (process.platform !== "linux") return null;
  try {
    const answer = execFileSync("ip", ["-j", "-4", "route", "get", "1.1.1.1"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [route] = JSON.parse(answer.toString()) as { prefsrc?: string; dev?: string }[];
    return route?.dev === "lo" ? null : (route?.prefsrc ?? null);
  } catch {
    return null;
  }
}

function firstAddress(): string | null {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { family, internal, address } of addresses ?? [])
      if (family === "IPv4" && !internal) return address;
  }
  return null;
}
