import type { Attributes } from "./authorizer.js";

/**
 * What is asked, as a line of a test's table: `VERB RESOURCE[/SUB][@GROUP] [NAMESPACE [NAME]]`,
 * with "-" for no namespace, or `VERB /path`.
 */
export function asked(line: string): Attributes {
  const [verb = "", what = "", namespace = "", name = ""] = line.split(" ");
  if (what.startsWith("/")) return { type: "path", verb, path: what };
  const [plural = "", group = ""] = what.split("@");
  const [resource = "", subresource = ""] = plural.split("/");
  const at = { namespace: namespace === "-" ? "" : namespace, name };
  return { type: "resource", verb, group, resource, subresource, ...at };
}
