import { writeFileSync } from "node:fs";
import { generateTypes, typesFileName } from "../api/schema/generate-types.js";
import { TYPES } from "../api/schema/type-schema.js";

// `npm run generate`: writes the TypeScript types of every API group anew from the notation in
// api/schema/groups.
const folder = new URL("../../api/schema/types/", import.meta.url);
const packages = new Set([...TYPES.values()].map((type) => type.packageName));
for (const packageName of packages) {
  const file = new URL(typesFileName(packageName), folder);
  writeFileSync(file, generateTypes(packageName, TYPES.values()));
}
