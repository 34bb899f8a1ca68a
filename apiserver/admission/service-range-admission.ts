import { forbidden } from "../../api/machinery/status.js";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { IPAddress, ServiceCIDR } from "../../api/schema/types/networking-v1.gen.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import {
  type AddressRange,
  isAssignable,
  parseAddress,
  parseAddressRange,
} from "../storage/address-range.js";
import { IP_ADDRESSES } from "../storage/service-claims.js";
import { SERVICE_CIDRS, type ServiceRanges } from "../storage/service-ranges.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const SERVICES = { group: "", resource: "services" };

/**
 * Keeps what Services rest on: a range goes only when no address is held that no other range has,
 * and the IPAddress of a Service only together with the Service. In Kubernetes loops see to that
 * later.
 */
export class ServiceRangeAdmission implements AdmissionPlugin {
  readonly name = "ServiceRanges";
  private readonly ranges: ServiceRanges;
  private readonly cache: WatchCache;
  private readonly newest: ObjectReader;

  constructor(deps: {
    readonly ranges: ServiceRanges;
    readonly cache: WatchCache;
    readonly newest: ObjectReader;
  }) {
    this.ranges = deps.ranges;
    this.cache = deps.cache;
    this.newest = deps.newest;
  }

  validate({ kind, operation, oldObject }: AdmissionAttributes): Promise<void> | void {
    if (operation !== "DELETE" || oldObject === null || kind.group !== "networking.k8s.io") return;
    if (kind.kind === "ServiceCIDR") return this.checkRange(oldObject as ServiceCIDR);
    if (kind.kind === "IPAddress") return this.checkAddress(oldObject as IPAddress);
  }

  private async checkRange({ metadata, spec }: ServiceCIDR): Promise<void> {
    const known = await this.ranges.newest();
    const others = known.filter(({ name }) => name !== metadata.name).map(({ range }) => range);
    const going = (spec.cidrs ?? []).map(parseAddressRange).filter((range) => range !== null);
    const held = this.cache
      .of(IP_ADDRESSES)
      .list({ namespace: "", indexed: null })
      .map(({ name }) => name)
      .filter((name) => isIn(name, going) && !isIn(name, others));
    if (held.length === 0) return;
    const text =
      `addresses of it are in use and in no other ServiceCIDR: ${held.slice(0, 5).join(", ")}` +
      (held.length > 5 ? ` and ${held.length - 5} more` : "");
    throw new ApiFailure(forbidden(SERVICE_CIDRS, metadata.name, text));
  }

  private async checkAddress({ metadata, spec }: IPAddress): Promise<void> {
    const { group = "", resource, namespace = "", name } = spec.parentRef;
    if (group !== "" || resource !== "services") return;
    const service = (await this.newest.get(SERVICES, { namespace, name })) as Service | null;
    if (service?.spec.clusterIP !== metadata.name) return;
    const text = `the Service ${namespace}/${name} has the address until it is deleted`;
    throw new ApiFailure(forbidden(IP_ADDRESSES, metadata.name, text));
  }
}

function isIn(name: string, ranges: readonly AddressRange[]): boolean {
  const address = parseAddress(name);
  return address !== null && ranges.some((range) => isAssignable(range, address));
}
