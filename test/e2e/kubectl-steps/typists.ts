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

/** Those that `everyKubectl` spares the nuances, with them. */
export function thoroughBetween(): readonly Typist[] {
  return between().map((kubectl) => ({ ...kubectl, thorough: true }));
}

function between(): readonly InstalledKubectl[] {
  const ends = oldestAndNewestKubectl().map(({ version }) => version);
  return installedKubectls().filter(({ version }) => !ends.includes(version));
}
