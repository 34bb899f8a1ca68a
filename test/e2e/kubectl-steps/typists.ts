import {
  type InstalledKubectl,
  installedKubectls,
  oldestAndNewestKubectl,
} from "../../../api/streaming/test-kubectls.js";

/** A kubectl, and whether it types the nuances of its lines too. */
export interface Typist extends InstalledKubectl {
  readonly thorough: boolean;
}

/**
 * Every kubectl on this computer; the oldest and the newest, which are thorough and take longest,
 * come first.
 */
export function everyKubectl(): readonly Typist[] {
  return [
    ...oldestAndNewestKubectl().map((kubectl) => ({ ...kubectl, thorough: true })),
    ...between().map((kubectl) => ({ ...kubectl, thorough: false })),
  ];
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

/** Those between them. */
export function thoroughBetween(): readonly Typist[] {
  return between().map((kubectl) => ({ ...kubectl, thorough: true }));
}

function between(): readonly InstalledKubectl[] {
  const ends = oldestAndNewestKubectl().map(({ version }) => version);
  return installedKubectls().filter(({ version }) => !ends.includes(version));
}
