import t from "tap";
import type { PersistentVolume, PersistentVolumeClaim } from "../types/core-v1.gen.js";
import { onHost, testClaim, testHost, testVolume } from "./test-volumes.js";
import { findVolume, type MatchOptions } from "./volume-matching.js";

const size = (storage: string) => ({ capacity: { storage } });
const kept = (more: object = {}) => ({ claimRef: { namespace: "default", name: "c", ...more } });

void t.test("which volume a claim gets", (t) => {
  const cases: readonly {
    readonly name: string;
    readonly volumes: readonly PersistentVolume[];
    readonly claim?: PersistentVolumeClaim;
    readonly options?: Partial<MatchOptions>;
    readonly found: string | null;
  }[] = [
    { name: "claims remain unbound if a matching volume does not exist", volumes: [], found: null },
    {
      name: "always at least what they asked for: the smallest that is large enough",
      volumes: [
        testVolume("tiny", { spec: size("1023Mi") }),
        testVolume("huge", { spec: size("100Gi") }),
        testVolume("fit", { spec: size("1500M") }),
      ],
      found: "fit",
    },
    {
      name: "of equals the first",
      volumes: [testVolume("a"), testVolume("b")],
      found: "a",
    },
    {
      name: "the class must be the same",
      volumes: [testVolume("slow", { spec: { storageClassName: "slow" } })],
      found: null,
    },
    {
      name: "a claim with the class set to the empty text binds to volumes with no class",
      volumes: [testVolume("a"), testVolume("plain", { spec: { storageClassName: "" } })],
      claim: testClaim("c", { spec: { storageClassName: "" } }),
      found: "plain",
    },
    {
      name: "the old annotation names the class",
      volumes: [
        testVolume("old", {
          meta: { annotations: { "volume.beta.kubernetes.io/storage-class": "disks" } },
          spec: { storageClassName: "" },
        }),
      ],
      found: "old",
    },
    {
      name: "every access mode asked for",
      volumes: [
        testVolume("one"),
        testVolume("many", { spec: { accessModes: ["ReadWriteOnce", "ReadWriteMany"] } }),
      ],
      claim: testClaim("c", { spec: { accessModes: ["ReadWriteMany"] } }),
      found: "many",
    },
    {
      name: "a raw device is no file system",
      volumes: [testVolume("raw", { spec: { volumeMode: "Block" } })],
      found: null,
    },
    {
      name: "only the volumes whose labels match the selector",
      volumes: [testVolume("a"), testVolume("b", { meta: { labels: { disk: "ssd" } } })],
      claim: testClaim("c", { spec: { selector: { matchLabels: { disk: "ssd" } } } }),
      found: "b",
    },
    {
      name: "another class of attributes",
      volumes: [testVolume("a", { spec: { volumeAttributesClassName: "gold" } })],
      found: null,
    },
    {
      name: "one that is not free yet, or no longer",
      volumes: [
        testVolume("new", { status: { phase: "Pending" } }),
        testVolume("released", { status: { phase: "Released" }, spec: kept({ name: "x" }) }),
        testVolume("going", { meta: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
      ],
      found: null,
    },
    {
      name: "a volume reserved for the claim, whatever its class and however large",
      volumes: [
        testVolume("fit"),
        testVolume("kept", { spec: { ...kept(), ...size("9Gi"), storageClassName: "x" } }),
      ],
      found: "kept",
    },
    {
      name: "reserved for it, but too small",
      volumes: [testVolume("kept", { spec: { ...kept(), ...size("1Mi") } })],
      found: null,
    },
    {
      name: "reserved for an earlier claim of that name",
      volumes: [testVolume("kept", { spec: kept({ uid: "earlier" }) })],
      found: null,
    },
    {
      name: "the class waits for a pod: nothing is bound before",
      volumes: [testVolume("a")],
      options: { delayed: true },
      found: null,
    },
    {
      name: "nor does what is reserved have to wait",
      volumes: [testVolume("kept", { spec: kept({ uid: "c" }) })],
      options: { delayed: true },
      found: "kept",
    },
    {
      name: "for a pod: reachable from its node",
      volumes: [
        testVolume("there", { spec: onHost("n2") }),
        testVolume("here", { spec: onHost("n1") }),
      ],
      options: { delayed: true, node: testHost("n1") },
      found: "here",
    },
    {
      name: "what is reserved but elsewhere rules the node out",
      volumes: [testVolume("kept", { spec: { ...kept(), ...onHost("n2") } }), testVolume("free")],
      options: { delayed: true, node: testHost("n1") },
      found: null,
    },
  ];
  for (const { name, volumes, claim = testClaim("c"), options = {}, found } of cases) {
    const all = { node: null, delayed: false, ...options };
    t.equal(findVolume(claim, volumes, all)?.metadata.name ?? null, found, name);
  }
  t.end();
});
