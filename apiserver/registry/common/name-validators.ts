import {
  validateDns1035Label,
  validateDns1123Label,
  validateDns1123Subdomain,
} from "../../../api/machinery/names.js";
import type { NameValidator } from "../strategy.js";

/** The rule for the names of most kinds. */
export const nameIsDnsSubdomain: NameValidator = (name, prefix) =>
  validateDns1123Subdomain(prefix ? maskTrailingDash(name) : name);

/** The rule for the names of namespaces. */
export const nameIsDnsLabel: NameValidator = (name, prefix) =>
  validateDns1123Label(prefix ? maskTrailingDash(name) : name);

/** The rule for the names of Services, which become DNS names of their own. */
export const nameIsServiceName: NameValidator = (name, prefix) =>
  validateDns1035Label(prefix ? maskTrailingDash(name) : name);

/** The rule for the names of roles and bindings: anything that can stand in a path. */
export const nameIsPathSegment: NameValidator = (name, prefix) => {
  if (!prefix && (name === "." || name === "..")) return [`may not be '${name}'`];
  return ["/", "%"]
    .filter((character) => name.includes(character))
    .map((character) => `may not contain '${character}'`);
};

/** A dash at the end of a prefix will be followed by something else. */
function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;
}
