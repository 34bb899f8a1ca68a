/** How the virtual address is kept; all in milliseconds. */
export const VIRTUAL_ADDRESS_TIMES = {
  /** The kernel takes the address away by itself when nobody renewed it for so long. */
  lifetimeMs: 5_000,
  renewEveryMs: 1_500,
  /**
   * For so long after it was taken it is announced again and again: a leader before us that stands
   * still may have it in its kernel until its lifetime ends.
   */
  announceForMs: 6_000,
  announceEveryMs: 500,
} as const;

/** The virtual address as this server has it. Times are of the monotonic clock. */
export interface HeldAddress {
  readonly takenMs: number;
  readonly renewedMs: number;
  readonly announcedMs: number;
}

/** What to do now; "take" adds, announces and renews at once. */
export type AddressAction = "none" | "take" | "renew" | "announce" | "release";

/**
 * Decides what a server does about the virtual address. `lookedMs` is when it decided last: one
 * that stood still for a while does not trust what it held before, gives it up and asks anew
 * whether it leads.
 */
export function planVirtualAddress(
  held: HeldAddress | null,
  now: { readonly leads: boolean; readonly nowMs: number; readonly lookedMs: number },
): AddressAction {
  const { lifetimeMs, renewEveryMs, announceForMs, announceEveryMs } = VIRTUAL_ADDRESS_TIMES;
  const { leads, nowMs, lookedMs } = now;
  if (held === null) return leads ? "take" : "none";
  if (!leads || nowMs - lookedMs > lifetimeMs / 2) return "release";
  if (nowMs - held.renewedMs >= renewEveryMs) return "renew";
  const young = nowMs - held.takenMs < announceForMs;
  return young && nowMs - held.announcedMs >= announceEveryMs ? "announce" : "none";
}

/** An interface of this computer with one of its addresses, as os.networkInterfaces() has it. */
export interface InterfaceAddress {
  readonly name: string;
  /** Such as 10.0.0.1/24; null for an address without a network. */
  readonly cidr: string | null;
}

/** The interface in whose network the address lies; null when there is none. */
export function interfaceFor(
  address: string,
  interfaces: readonly InterfaceAddress[],
  contains: (cidr: string, address: string) => boolean,
): string | null {
  const found = interfaces.find(({ cidr }) => cidr !== null && contains(cidr, address));
  return found?.name ?? null;
}
