import { assert } from "../../base/assert.js";

/** A typed slot in CycleState; only the plugin that made the key can read or write it. */
export class StateKey<T> {
  readonly name: string;
  declare readonly __type: T;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * What plugins note for one another's later stages while one pod is being placed. Lives for one
 * scheduling cycle.
 */
export class CycleState {
  private readonly values = new Map<object, unknown>();

  write<T>(key: StateKey<T>, value: T): void {
    this.values.set(key, value);
  }

  /** What was written; asks for what an earlier stage of the same plugin must have written. */
  read<T>(key: StateKey<T>): T {
    assert(this.values.has(key), `cycle state ${key.name} was not written`);
    return this.values.get(key) as T;
  }

  has(key: StateKey<unknown>): boolean {
    return this.values.has(key);
  }
}
