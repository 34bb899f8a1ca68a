/**
 * The door of this folder for a simulation, which runs members on a computer, a clock and a network
 * that it makes up. Nothing but tests imports it.
 */
export type { Computer } from "./computer.js";
export type { Identity } from "./group/identity.js";
export { LocalStore } from "./local-store.js";
export { Member } from "./member.js";
export type { MemberOptions, MemberTuning } from "./member-options.js";
export type { HostBug } from "./planted-bug.js";
export type { ApplyResult } from "./store/apply-result.js";
export type { Command, Proposal } from "./store/command.js";
export { memoryMap } from "./store/memory-map.js";
export type { MapPair, MapRange, MapWrite, OrderedMap } from "./store/ordered-map.js";
export type { Replica } from "./store/replica.js";
export { listSnapshots } from "./store/snapshot-file.js";
export type {
  KeyValue,
  Op,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchBatch,
} from "./store-api.js";
export { StoreError } from "./store-error.js";
export { decodeFrame, encodeMessages, type PeerAnswer } from "./transport/codec.js";
export type {
  MemberNetwork,
  PeerAddress,
  PeerNetworkHandler,
} from "./transport/peer-network.js";
export { TxnGatherer } from "./txn-gatherer.js";
export { AppendDisk, type DiskRequest } from "./wal/append-disk.js";
export type { DiskRunner } from "./wal/disk-runner.js";
export type { AppendFile, FileSystem } from "./wal/file-system.js";
