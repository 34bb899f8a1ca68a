import type { JsonObject } from "../../api/schema/wire-types.js";
import { queryFlag } from "../streaming/stream-path.js";
import { admitSent } from "./admission-attributes.js";
import type { HandlerDeps, ResourceCall } from "./deps.js";

/** Subresources that connect a client with something: nothing is stored, admission is asked. */
export const CONNECT_SUBRESOURCES: ReadonlySet<string> = new Set([
  "exec",
  "attach",
  "portforward",
  "proxy",
]);

/** Lets admission refuse a connection before it is made. Throws what refuses it. */
export async function admitConnect(
  call: ResourceCall,
  deps: Pick<HandlerDeps, "admission">,
): Promise<void> {
  const { kind, info } = call;
  const name = kind.subresources.find((each) => each.name === info.subresource)?.kind;
  const bodyKind = { group: "", version: "v1", kind: name ?? "" };
  const object = optionsOf(call, bodyKind.kind);
  const sent = { operation: "CONNECT", object, bodyKind, dryRun: false } as const;
  await admitSent(call, { ...sent, warnings: [] }, deps);
}

/** The query as the object that it stands for, such as PodExecOptions. */
function optionsOf({ info, request }: ResourceCall, kind: string): JsonObject {
  const { query } = request;
  const type = { kind, apiVersion: "v1" };
  switch (info.subresource) {
    case "exec":
    case "attach": {
      const command = query.getAll("command");
      const container = query.get("container") ?? "";
      const flag = (name: string): JsonObject => (queryFlag(query, name) ? { [name]: true } : {});
      return {
        ...type,
        ...flag("stdin"),
        ...flag("stdout"),
        ...flag("stderr"),
        ...flag("tty"),
        ...(container === "" ? {} : { container }),
        ...(info.subresource === "attach" || command.length === 0 ? {} : { command }),
      };
    }
    case "portforward": {
      const ports = query
        .getAll("ports")
        .flatMap((text) => text.split(","))
        .filter((text) => /^\d+$/u.test(text))
        .map(Number);
      return { ...type, ...(ports.length === 0 ? {} : { ports }) };
    }
    default:
      return { ...type, ...(info.rest === "" ? {} : { path: `/${info.rest}` }) };
  }
}
