import t from "tap";
import { bodyFormat, negotiate } from "./negotiation.js";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

void t.test("what the client takes and what is cheapest", (t) => {
  const cases: readonly (readonly [string | null, object | null])[] = [
    [null, { format: "json", as: null }],
    ["*/*", { format: "json" }],
    ["application/yaml", { format: "yaml" }],
    [PROTOBUF, { format: "protobuf" }],
    [`${PROTOBUF},application/json`, { format: "json" }],
    [`${PROTOBUF},application/json;q=0.5`, { format: "protobuf" }],
    [`${TABLE},application/json`, { as: "Table", asApiVersion: "meta.k8s.io/v1" }],
    [`application/json;q=0.1,${TABLE}`, { as: "Table" }],
    [`application/json;as=Table;v=v2;g=meta.k8s.io,application/json`, { as: null }],
    [`${PROTOBUF};as=Table;v=v1;g=meta.k8s.io`, null],
    [`${PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`, { as: "PartialObjectMetadata" }],
    ["text/html", null],
    ["application/json;q=0", null],
    ["rubbish", null],
  ];
  for (const [accept, expected] of cases) {
    const form = negotiate(accept, { projections: true });
    if (expected === null) t.equal(form, null, String(accept));
    else t.match(form, expected, String(accept));
  }
  t.equal(negotiate(TABLE, { projections: false }), null);
  t.end();
});

void t.test("the format of a body", (t) => {
  t.equal(bodyFormat(null), "json");
  t.equal(bodyFormat("application/json; charset=utf-8"), "json");
  t.equal(bodyFormat(PROTOBUF), "protobuf");
  t.equal(bodyFormat("*/*"), null);
  t.equal(bodyFormat("text/plain"), null);
  t.end();
});
