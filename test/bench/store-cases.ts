import type { BenchStore } from "./store-peer.js";

/** One kind of operation by so many clients at a time. */
export interface StoreCase {
  readonly name: string;
  readonly clients: number;
  /** One operation of one client; `n` counts up over all clients. */
  readonly run: (
    store: BenchStore,
    at: { readonly client: number; readonly n: number },
  ) => Promise<void>;
}

/** Members of the group beside the one that is alone. */
export const GROUP_SIZE = 3;
export const KIB = 1024;
/** Keys that are there before anything is measured. */
export const KEYS = 10_000;
const CLIENTS = [1, 100, 1000];
const RANGE_KEYS = 100;

export function keyOf(n: number): Buffer {
  return Buffer.from(`/bench/${String(n).padStart(8, "0")}`);
}

export function storeCases(): StoreCase[] {
  return [
    ...CLIENTS.map((clients) => puts(KIB, clients)),
    ...CLIENTS.map((clients) => puts(4 * KIB, clients)),
    ...CLIENTS.map(gets),
    ...CLIENTS.map(ranges),
    ...CLIENTS.map(updates),
    ...CLIENTS.map(transactions),
    ...CLIENTS.map(mixed),
  ];
}

/** One client program for both: ours is asked through its etcd-compatible API. */
export function sameClientCases(): StoreCase[] {
  return [...CLIENTS.map((clients) => puts(KIB, clients)), ...CLIENTS.map(gets)].map((one) => ({
    ...one,
    name: `through the etcd API: ${one.name}`,
  }));
}

/** The same by a group of several members on one computer. */
export function ofGroup(cases: readonly StoreCase[]): StoreCase[] {
  return cases.map((one) => ({ ...one, name: `${GROUP_SIZE} members: ${one.name}` }));
}

function puts(size: number, clients: number): StoreCase {
  const value = Buffer.alloc(size, "v");
  const name = `put ${size / KIB} KiB, ${clients} clients`;
  return { name, clients, run: (one, { n }) => one.put(keyOf(n % KEYS), value) };
}

function gets(clients: number): StoreCase {
  const name = `linearizable get 1 KiB, ${clients} clients`;
  return { name, clients, run: (one, { n }) => one.get(keyOf((n * 7919) % KEYS)) };
}

function ranges(clients: number): StoreCase {
  const name = `linearizable range of ${RANGE_KEYS} keys of 1 KiB, ${clients} clients`;
  const run: StoreCase["run"] = (one, { n }) => {
    const from = (n * 7919) % (KEYS - RANGE_KEYS);
    return one.range(keyOf(from), keyOf(from + RANGE_KEYS), RANGE_KEYS);
  };
  return { name, clients, run };
}

/** Compare-and-put of each client's own key, as guaranteed updates do. */
function updates(clients: number): StoreCase {
  const value = Buffer.alloc(KIB, "u");
  const revisions = new Map<string, number>();
  return {
    name: `compare and put 1 KiB, ${clients} clients`,
    clients,
    run: async (one, { client }) => {
      const key = `/update/${clients}/${client}`;
      const before = revisions.get(one.name + key) ?? 0;
      const after = await one.update(Buffer.from(key), before, value);
      revisions.set(one.name + key, after);
    },
  };
}

function transactions(clients: number): StoreCase {
  const value = Buffer.alloc(KIB, "t");
  const name = `transaction (compare, 3 puts of 1 KiB, get), ${clients} clients`;
  const run: StoreCase["run"] = (one, { n }) => {
    const keys = [0, 1, 2].map((i) => keyOf((n * 3 + i) % KEYS));
    return one.transact(keys, value);
  };
  return { name, clients, run };
}

function mixed(clients: number): StoreCase {
  const value = Buffer.alloc(KIB, "m");
  return {
    name: `mixed (3 gets to 1 put), 1 KiB, ${clients} clients`,
    clients,
    run: (one, { n }) => (n % 4 === 0 ? one.put(keyOf(n % KEYS), value) : one.get(keyOf(n % KEYS))),
  };
}
