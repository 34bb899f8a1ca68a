import {
  type InstalledKubectl,
  installedKubectls,
  oldestAndNewestKubectl,
} from "../../../api/streaming/test-kubectls.js";

/** A kubectl, and whether it types the nuances of its lines too. */
export interface Typist extends InstalledKubectl {
  readonly thorough: boolean;
}

/** The newest, which is thorough. */
export function newest(): readonly Typist[] {
  return newestAndOldest().filter(({ thorough }) => thorough);
}

/** The newest, which is thorough, and the oldest. */
export function newestAndOldest(): readonly Typist[] {
  const newest = installedKubectls().at(-1)?.version;
  return oldestAndNewestKubectl().map((kubectl) => ({
    ...kubectl,
    thorough: kubectl.version === newest,
  }));
}

/** All but the newest. */
export function thoroughOlder(): readonly Typist[] {
  return installedKubectls()
    .slice(0, -1)
    .map((kubectl) => ({ ...kubectl, thorough: true }));
}
