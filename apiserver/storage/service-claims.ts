import { invalid } from "../../api/machinery/field-errors.js";
import { alreadyExists, invalidObject, type StatusBody } from "../../api/machinery/status.js";
import { formatTime } from "../../api/machinery/time.js";
import type { Service } from "../../api/schema/types/core-v1.gen.js";
import type { IPAddress } from "../../api/schema/types/networking-v1.gen.js";
import type { KeyValue, Op } from "../../consensus/consensus.js";
import { ApiFailure } from "../server/api-failure.js";
import { objectKey } from "./keys.js";
import { rangeKey } from "./service-ranges.js";
import type { Claim } from "./service-allocation.js";
import type { Guard, WriteExtras } from "./storage.js";
import { encodeForStore } from "./stored-bytes.js";

/** Where IPAddresses live. */
export const IP_ADDRESSES = { group: "networking.k8s.io", resource: "ipaddresses" };

/** Under which each value that is held is a key. */
export const CLAIM_PREFIXES: Readonly<Record<Claim["type"], string>> = {
  address: "/raftsman/service-addresses/",
  port: "/raftsman/service-ports/",
};

/** What an IPAddress that shows a Service's address is given. */
export interface AddressIdentity {
  readonly uid: string;
  readonly nowMs: number;
}

/** The key that stands for a value. */
export function claimKey({ type, value }: Pick<Claim, "type" | "value">): Buffer {
  return Buffer.from(CLAIM_PREFIXES[type] + value);
}

/** The operations that give a Service a value: an address is shown as an IPAddress too. */
export function takeOps(claim: Claim, { metadata }: Service, identity: AddressIdentity): Op[] {
  const value = Buffer.from(`${metadata.namespace ?? ""}/${metadata.name}`);
  const key: Op = { type: "put", key: claimKey(claim), value };
  if (claim.type === "port") return [key];
  const object = addressObject(claim.value, metadata, identity);
  return [key, { type: "put", key: addressKey(claim.value), ...encodeForStore(object) }];
}

/** The operations that take it from the Service again. */
export function giveOps(claim: Claim): Op[] {
  const key: Op = { type: "delete", key: claimKey(claim) };
  if (claim.type === "port") return [key];
  return [key, { type: "delete", key: addressKey(claim.value) }];
}

/** That nobody holds the value, and that the range it is from, if it has a name, is there still. */
export function takeGuards(claim: Claim, service: Service, range: string | null): Guard[] {
  const failure = (): ApiFailure => new ApiFailure(taken(claim, service));
  const compare = { target: "createRevision", result: "=", value: 0 } as const;
  const guard = { drawAgain: claim.drawn, failure };
  const guards: Guard[] = [{ ...guard, compare: { ...compare, key: claimKey(claim) } }];
  if (range === null) return guards;
  const there = { target: "createRevision", key: rangeKey(range), result: ">", value: 0 } as const;
  return [...guards, { ...guard, compare: there }];
}

/**
 * What goes into the transaction that makes an IPAddress by hand: it holds the address as a Service
 * would. `held` is the key of the address as it is now; it may be held by the parent already.
 */
export function handMadeExtras(object: IPAddress, held: KeyValue | undefined): WriteExtras {
  const { name } = object.metadata;
  const key = claimKey({ type: "address", value: name });
  const { namespace = "", name: parent } = object.spec.parentRef;
  const owner = `${namespace}/${parent}`;
  const failure = (): ApiFailure => new ApiFailure(alreadyExists(IP_ADDRESSES, name));
  if (held === undefined) {
    const compare = { target: "createRevision", key, result: "=", value: 0 } as const;
    const value = Buffer.from(owner);
    return { guards: [{ compare, failure }], ops: [{ type: "put", key, value }] };
  }
  if (held.value.toString() !== owner) throw failure();
  const same = { target: "modRevision", key, result: "=", value: held.modRevision } as const;
  return { guards: [{ compare: same, failure }] };
}

function addressKey(name: string): Buffer {
  return Buffer.from(objectKey(IP_ADDRESSES, { namespace: "", name }));
}

/** The IPAddress of a Service, as Kubernetes' allocator makes it; identity null: to be sent. */
export function addressObject(
  name: string,
  { namespace = "", name: service }: { readonly namespace?: string; readonly name: string },
  identity: AddressIdentity | null,
): Omit<IPAddress, "metadata"> & { readonly metadata: object } {
  const { uid, nowMs } = identity ?? {};
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "IPAddress",
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(nowMs === undefined ? {} : { creationTimestamp: formatTime(nowMs) }),
      labels: {
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
      },
    },
    spec: { parentRef: { resource: "services", namespace, name: service } },
  };
}

function taken(claim: Claim, service: Service): StatusBody {
  const error =
    claim.type === "address"
      ? invalid(
          claim.field,
          [claim.value],
          `failed to allocate IP ${claim.value}: provided IP is already allocated`,
        )
      : invalid(claim.field, Number(claim.value), "provided port is already allocated");
  return invalidObject({ group: "", kind: "Service" }, service.metadata.name, [error]);
}
