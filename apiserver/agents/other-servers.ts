import type { StoreStatus } from "../../consensus/consensus.js";

/** The servers of the cluster besides this one, as the store's group has them. */
export class OtherServers {
  private readonly store: { status(): Promise<StoreStatus> };
  private known: readonly string[] = [];

  constructor(store: { status(): Promise<StoreStatus> }) {
    this.store = store;
  }

  /** True as long as none was heard of. */
  get none(): boolean {
    return this.known.length === 0;
  }

  /** URLs of their APIs. Rejects with StoreError. */
  async urls(): Promise<readonly string[]> {
    const { memberId, members } = await this.store.status();
    this.known = members.flatMap(({ id, apiUrl }) =>
      id === memberId || apiUrl === "" ? [] : [apiUrl],
    );
    return this.known;
  }
}
