import { formatMicroTime } from "../../api/machinery/time.js";
import type { Overlay } from "../storage/overlay.js";

const RENEW_TIME = Buffer.from('"renewTime":"');
/** `2026-01-02T03:04:05.678000Z` */
const MICRO_TIME_LENGTH = 27;

/**
 * When each held Lease was last renewed through this server. Renewals are not written; reads show
 * them by this overlay.
 */
export class RenewTimes implements Overlay {
  readonly resource = "leases";
  readonly group = "coordination.k8s.io";
  private readonly renewedMs = new Map<string, number>();

  /** `key` is namespace/name. */
  renewed(key: string, nowMs: number): void {
    this.renewedMs.set(key, nowMs);
  }

  apply(key: { readonly namespace: string; readonly name: string }, stored: Buffer): Buffer {
    const renewedMs = this.renewedMs.get(`${key.namespace}/${key.name}`);
    if (renewedMs === undefined) return stored;
    const field = stored.lastIndexOf(RENEW_TIME);
    const start = field + RENEW_TIME.length;
    // A renewTime of another length was written by a client, not by the hold handler: it stands.
    if (field < 0 || stored[start + MICRO_TIME_LENGTH] !== 0x22) return stored;
    const text = formatMicroTime(renewedMs);
    if (stored.toString("latin1", start, start + MICRO_TIME_LENGTH) >= text) return stored;
    const copy = Buffer.from(stored);
    copy.write(text, start, "latin1");
    return copy;
  }
}
