import { fork } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { join } from "node:path";
import { connectStore, type Store } from "../../consensus/consensus.js";
import { RAFTSMAN_VERSION } from "../../deploy/version.js";
import { TestGroup } from "../integration/member-group.js";
import { EtcdClient } from "./store-etcd.js";
import { type BenchStore, prefixEnd } from "./store-peer.js";

/**
 * A consensus process of ours with its data in `folder`, and two clients of it: at its own door,
 * and through the etcd-compatible API. Closing the first ends the process.
 */
export async function startOurs(
  folder: string,
  connections: number,
): Promise<{ readonly own: BenchStore; readonly throughEtcdApi: BenchStore }> {
  const server = fork(join(import.meta.dirname, "store-process.js"), [folder]);
  const [{ etcdPort: port }] = (await once(server, "message")) as [{ etcdPort: number }];
  const own = await connectStore({ socketPath: join(folder, "store.sock") });
  const endServer = async (): Promise<void> => {
    const exited = once(server, "exit");
    server.disconnect();
    await exited;
  };
  return {
    own: new OurStore(own, endServer),
    throughEtcdApi: throughEtcdApi(port, connections),
  };
}

function throughEtcdApi(port: number, connections: number): BenchStore {
  const end = (): Promise<void> => Promise.resolve();
  return new EtcdClient({ name: "raftsman", version: RAFTSMAN_VERSION, port, connections, end });
}

/**
 * A group of `size` consensus processes of ours on loopback, and two clients of its leader, as of
 * `startOurs`. Closing the first ends the processes.
 */
export async function startOurGroup(
  size: number,
  connections: number,
): Promise<{ readonly own: BenchStore; readonly throughEtcdApi: BenchStore }> {
  const etcdApi = { host: "127.0.0.1", port: 0, unsafe: true };
  const group = await TestGroup.start(size, { etcdApi });
  // Also when the benchmark is interrupted.
  process.once("exit", () => {
    for (const { pid } of group.running) process.kill(pid, "SIGKILL");
  });
  try {
    const leader = await group.leader();
    const own = new OurStore(await leader.store(), () => group.close());
    return { own, throughEtcdApi: throughEtcdApi(leader.etcdPort, connections) };
  } catch (error) {
    await group.close();
    throw error;
  }
}

class OurStore implements BenchStore {
  readonly name = "raftsman";
  readonly version = RAFTSMAN_VERSION;
  private readonly store: Store;
  private readonly endServers: () => Promise<void>;
  private readonly closing = new AbortController();

  constructor(store: Store, endServers: () => Promise<void>) {
    this.store = store;
    this.endServers = endServers;
    setMaxListeners(0, this.closing.signal);
  }

  async put(key: Buffer, value: Buffer): Promise<void> {
    await this.store.txn({ compares: [], success: [{ type: "put", key, value }] });
  }

  async get(key: Buffer): Promise<void> {
    const { kvs } = await this.store.range({ key });
    if (kvs.length === 0) throw new Error(`no ${key.toString()}`);
  }

  async range(from: Buffer, end: Buffer, count: number): Promise<void> {
    const { kvs } = await this.store.range({ key: from, rangeEnd: end });
    if (kvs.length !== count) throw new Error(`${kvs.length} keys from ${from.toString()} on`);
  }

  async transact(keys: readonly Buffer[], value: Buffer): Promise<void> {
    const first = keys[0] as Buffer;
    const { succeeded } = await this.store.txn({
      compares: [{ target: "version", key: first, result: ">", value: 0 }],
      success: [
        ...keys.map((key) => ({ type: "put", key, value }) as const),
        { type: "range", key: first },
      ],
    });
    if (!succeeded) throw new Error(`no ${first.toString()}`);
  }

  async update(key: Buffer, modRevision: number, value: Buffer): Promise<number> {
    const { succeeded, revision } = await this.store.txn({
      compares: [{ target: "modRevision", key, result: "=", value: modRevision }],
      success: [{ type: "put", key, value }],
    });
    if (!succeeded) throw new Error(`${key.toString()} is not at ${modRevision}`);
    return revision;
  }

  async watch(prefix: Buffer, onEvents: (count: number) => void): Promise<void> {
    const fromRevision = 1 + (await this.store.readIndex());
    const watching = this.store.watch(
      { key: prefix, rangeEnd: prefixEnd(prefix), fromRevision },
      { signal: this.closing.signal, onBatch: ({ events }) => onEvents(events.length) },
    );
    // A watch that fails is noticed by the events that do not come.
    watching.catch((error: unknown) => process.stderr.write(`a watch failed: ${String(error)}\n`));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.store.close();
    await this.endServers();
  }
}
