import { define, type Overload } from "../overload.js";
import { AUTHORIZERS } from "./authorizers.js";
import { LISTS } from "./lists.js";
import { NAMED_FORMATS } from "./named-formats.js";
import { NETWORK } from "./network.js";
import { OPERATORS } from "./operators.js";
import { OPTIONALS } from "./optionals.js";
import { PATTERNS } from "./patterns.js";
import { QUANTITIES } from "./quantities.js";
import { SEMVERS } from "./semvers.js";
import { STANDARD } from "./standard.js";
import { STRINGS } from "./strings.js";
import { URLS } from "./urls.js";

/** RFC 6901: what a name must be to stand in a path of a JSON patch. */
const escapeKey = define("jsonpatch.escapeKey(string): string", (key: string) =>
  key.replaceAll("~", "~0").replaceAll("/", "~1"),
);

const ALL: readonly Overload[] = [
  ...OPERATORS,
  ...STANDARD,
  ...STRINGS,
  ...LISTS,
  ...PATTERNS,
  ...URLS,
  ...NETWORK,
  ...QUANTITIES,
  ...NAMED_FORMATS,
  ...SEMVERS,
  ...OPTIONALS,
  ...AUTHORIZERS,
  escapeKey,
];

/** Every function of the language and of Kubernetes' libraries, by name. */
export const FUNCTIONS: ReadonlyMap<string, readonly Overload[]> = byName(ALL);

function byName(overloads: readonly Overload[]): ReadonlyMap<string, readonly Overload[]> {
  const named = new Map<string, Overload[]>();
  for (const overload of overloads) {
    const known = named.get(overload.name);
    if (known === undefined) named.set(overload.name, [overload]);
    else known.push(overload);
  }
  return named;
}
