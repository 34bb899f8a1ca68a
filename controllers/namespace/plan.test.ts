import t from "tap";
import type { Namespace } from "../../api/schema/types/core-v1.gen.js";
import { ago, meta, NOW_MS } from "../common/test-objects.js";
import { type ContentReport, isEmpty, planNamespaceStatus } from "./plan.js";

const going = (status?: Namespace["status"]): Namespace => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: meta("n", { deletionTimestamp: ago(5) }),
  spec: { finalizers: ["kubernetes"] },
  ...(status === undefined ? {} : { status }),
});
const clean: ContentReport = { discoveryFailures: new Map(), deletionFailures: [], remaining: [] };

void t.test("an empty namespace says so five times", (t) => {
  t.ok(isEmpty(clean));
  const status = planNamespaceStatus(going(), clean, NOW_MS);
  t.equal(status?.phase, "Terminating");
  t.strictSame(
    status?.conditions?.map((c) => [c.type, c.status, c.reason, c.message]),
    [
      [
        "NamespaceDeletionDiscoveryFailure",
        "False",
        "ResourcesDiscovered",
        "All resources successfully discovered",
      ],
      [
        "NamespaceDeletionGroupVersionParsingFailure",
        "False",
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
      ],
      [
        "NamespaceDeletionContentFailure",
        "False",
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
      ],
      ["NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed"],
      [
        "NamespaceFinalizersRemaining",
        "False",
        "ContentHasNoFinalizers",
        "All content-preserving finalizers finished",
      ],
    ],
  );
  const again = planNamespaceStatus(going(status ?? {}), clean, NOW_MS + 60_000);
  t.equal(again, null, "an unchanged world gives no status");
  t.end();
});

void t.test("what is left is named and counted, and so are its finalizers", (t) => {
  const remaining = [
    { resource: "pods.", count: 2, finalizers: new Map([["a.io/f", 1]]) },
    { resource: "deployments.apps", count: 1, finalizers: new Map([["a.io/f", 1]]) },
  ];
  const discoveryFailures = new Map([["x.io/v1", "gone"]]);
  const report = { discoveryFailures, deletionFailures: ["secrets.: no"], remaining };
  t.notOk(isEmpty(report));
  const messages = planNamespaceStatus(going(), report, NOW_MS)
    ?.conditions?.filter(({ status }) => status === "True")
    .map(({ reason, message }) => `${reason}: ${message}`);
  t.strictSame(messages, [
    "DiscoveryFailed: Discovery failed for some groups, 1 failing: x.io/v1: gone",
    "ContentDeletionFailed: Failed to delete all resource types, 1 remaining: secrets.: no",
    "SomeResourcesRemain: Some resources are remaining: " +
      "deployments.apps has 1 resource instances, pods. has 2 resource instances",
    "SomeFinalizersRemain: Some content in the namespace has finalizers remaining: " +
      "a.io/f in 2 resource instances",
  ]);
  t.end();
});
