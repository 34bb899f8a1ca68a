import { stringify } from "yaml";
import { encodeProtobuf } from "../../api/schema/protobuf.js";
import type { OutputForm } from "./negotiation.js";

/** What stands twice is written twice: not every reader knows aliases. */
const YAML_OPTIONS = { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false } as const;

/** Any document (an object, a list, a Status) in the format of the answer. */
export function encodeDocument(value: unknown, form: Pick<OutputForm, "format">): Uint8Array {
  switch (form.format) {
    case "json":
      return Buffer.from(`${JSON.stringify(value)}\n`);
    case "yaml":
      return Buffer.from(stringify(value, YAML_OPTIONS));
    case "protobuf":
      return encodeProtobuf(null, value as object);
  }
}
