/**
 * Replaces $(NAME) by the value of a known variable; $$ is a dollar sign, and a reference to an
 * unknown variable stays as it is, as the API documents for env, command and args.
 */
export function expandReferences(
  text: string,
  valueOf: (name: string) => string | undefined,
): string {
  return text.replaceAll(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) => {
    if (match === "$$") return "$";
    return valueOf(name ?? "") ?? match;
  });
}
