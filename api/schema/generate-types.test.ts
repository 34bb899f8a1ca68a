import { readFileSync } from "node:fs";
import t from "tap";
import { generateTypes, typesFileName } from "./generate-types.js";
import { parseGroup } from "./notation.js";
import { linkTypes, TYPES } from "./type-schema.js";

t.test("the checked-in types are what the notation generates", (t) => {
  const packages = new Set([...TYPES.values()].map((type) => type.packageName));
  for (const packageName of packages) {
    const file = new URL(
      `../../../api/schema/types/${typesFileName(packageName)}`,
      import.meta.url,
    );
    const text = readFileSync(file, "utf8");
    t.equal(generateTypes(packageName, TYPES.values()), text, `${packageName}: npm run generate`);
  }
  t.end();
});

t.test("descriptions become comments, marks become question marks", (t) => {
  const text = `
group toy/v1 toy.example/v1

type Box # A box.
  1 label! string # What is on it.
  2 sizes map[Quantity]
  3 inner []Box
`;
  const types = linkTypes([parseGroup(text)]);
  t.equal(
    generateTypes("toy/v1", types.values()),
    `// Generated from ../groups by \`npm run generate\`. Do not edit.
import type { Quantity } from "../wire-types.js";

/** A box. */
export interface Box {
  readonly inner?: readonly Box[];
  /** What is on it. */
  readonly label: string;
  readonly sizes?: { readonly [key: string]: Quantity };
}
`,
  );
  t.end();
});
