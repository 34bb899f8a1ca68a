/** What happened in a run. A total of zero shows that something was never tried. */
export interface Totals {
  ticks: number;
  operations: number;
  answered: number;
  reads: number;
  writes: number;
  elections: number;
  leaderChanges: number;
  crashes: number;
  powerLosses: number;
  blackouts: number;
  restarts: number;
  pauses: number;
  partitions: number;
  resets: number;
  clockSkews: number;
  slowDisks: number;
  messagesDelivered: number;
  messagesDropped: number;
  messagesDelayed: number;
  messagesDuplicated: number;
  messagesReordered: number;
  tornTails: number;
  batchesLost: number;
  bitsFlipped: number;
  storesRebuilt: number;
  membersReplaced: number;
  snapshotsTaken: number;
  snapshotsInstalled: number;
  membershipChanges: number;
  jointConfigurations: number;
  learnersPromoted: number;
  transfers: number;
  resends: number;
  sharedEntries: number;
  sharedResends: number;
  compactions: number;
  watchEvents: number;
}

export function noTotals(): Totals {
  return {
    ticks: 0,
    operations: 0,
    answered: 0,
    reads: 0,
    writes: 0,
    elections: 0,
    leaderChanges: 0,
    crashes: 0,
    powerLosses: 0,
    blackouts: 0,
    restarts: 0,
    pauses: 0,
    partitions: 0,
    resets: 0,
    clockSkews: 0,
    slowDisks: 0,
    messagesDelivered: 0,
    messagesDropped: 0,
    messagesDelayed: 0,
    messagesDuplicated: 0,
    messagesReordered: 0,
    tornTails: 0,
    batchesLost: 0,
    bitsFlipped: 0,
    storesRebuilt: 0,
    membersReplaced: 0,
    snapshotsTaken: 0,
    snapshotsInstalled: 0,
    membershipChanges: 0,
    jointConfigurations: 0,
    learnersPromoted: 0,
    transfers: 0,
    resends: 0,
    sharedEntries: 0,
    sharedResends: 0,
    compactions: 0,
    watchEvents: 0,
  };
}

export function addTotals(into: Totals, more: Totals): void {
  for (const name of Object.keys(into) as (keyof Totals)[]) into[name] += more[name];
}

/** Such as "leaderChanges" to "leader changes". */
export function describeTotals(totals: Totals): string {
  return Object.entries(totals)
    .map(([name, total]) => `${total} ${name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`)}`)
    .join(", ");
}

export function missingTotals(totals: Totals): string[] {
  return Object.entries(totals)
    .filter(([, total]) => total === 0)
    .map(([name]) => name);
}
