import t from "tap";
import { claimsOf, type PodClaim } from "../../api/schema/storage/pod-claims.js";
import { onHost, testClaim, testHost, testVolume } from "../../api/schema/storage/test-volumes.js";
import type {
  Container,
  PersistentVolume,
  PersistentVolumeClaim,
} from "../../api/schema/types/core-v1.gen.js";
import { aContainer, aPod } from "./plan-fixtures.js";
import {
  claimedSource,
  isOwnFolder,
  nfsMountArguments,
  nfsSource,
  type VolumeSource,
} from "./volume-source.js";

const ROOT = "/var/lib/agent/local-volumes";
const bound = testClaim("c", {
  meta: { namespace: "ns" },
  spec: { volumeName: "v" },
  status: { phase: "Bound" },
});
const volumeOf = (spec: object) =>
  testVolume("v", { spec: { claimRef: { namespace: "ns", name: "c", uid: "c" }, ...spec } });
const withSource = (spec: object) => {
  const { hostPath: _path, ...rest } = volumeOf(spec).spec;
  return { ...volumeOf(spec), spec: rest };
};

void t.test("what a claim of a pod stands for", (t) => {
  const going = {
    ...bound,
    metadata: { ...bound.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
  };
  const cases: readonly {
    readonly name: string;
    readonly claim?: PersistentVolumeClaim | null;
    readonly volume?: PersistentVolume | null;
    readonly readOnly?: boolean;
    readonly phase?: string;
    readonly uses?: Partial<Container>;
    readonly found: Partial<VolumeSource> | RegExp;
  }[] = [
    { name: "a folder of the host", found: { type: "hostPath", readOnly: false } },
    { name: "the pod says read-only", readOnly: true, found: { readOnly: true } },
    {
      name: "a folder of the agent's own",
      volume: withSource({ local: { path: `${ROOT}/pvc-1` }, ...onHost("n1") }),
      found: { type: "local", path: `${ROOT}/pvc-1`, own: true },
    },
    {
      name: "a folder that an administrator prepared",
      volume: withSource({ local: { path: "/mnt/ssd" }, ...onHost("n1") }),
      found: { type: "local", path: "/mnt/ssd", own: false },
    },
    {
      name: "an export",
      volume: withSource({ nfs: { server: "s", path: "/e" }, mountOptions: ["soft"] }),
      found: { type: "nfs", mountOptions: ["soft"], readOnly: false },
    },
    {
      name: "the claim is not there",
      claim: null,
      found: /PVC ns\/c: failed to fetch PVC .* persistentvolumeclaims "c" not found/u,
    },
    { name: "not bound", claim: testClaim("c"), found: /PVC is not bound/u },
    {
      name: "it is being deleted: nothing is started on it",
      claim: going,
      found: /being deleted/u,
    },
    { name: "what runs keeps it", claim: going, phase: "Running", found: { type: "hostPath" } },
    { name: "the volume is not there", volume: null, found: /failed to fetch PV "v"/u },
    {
      name: "the volume is another's",
      volume: testVolume("v", { spec: { claimRef: { uid: "other" } } }),
      found: /PV "v" is bound to another claim/u,
    },
    {
      name: "a volume of another node",
      volume: withSource({ local: { path: `${ROOT}/pvc-1` }, ...onHost("n2") }),
      found: /no matching NodeSelectorTerms/u,
    },
    {
      name: "a disk as it is",
      volume: withSource({ local: { path: "/dev/sdb" }, ...onHost("n1"), volumeMode: "Block" }),
      uses: { volumeDevices: [{ name: "data", devicePath: "/dev/x" }] },
      found: { type: "device", path: "/dev/sdb", readOnly: false },
    },
    {
      name: "a disk of another kind",
      volume: volumeOf({ volumeMode: "Block" }),
      found: /mode Block are supported by this node for the type local alone/u,
    },
    {
      name: "a disk where files are wanted",
      volume: volumeOf({ volumeMode: "Block" }),
      uses: { volumeMounts: [{ name: "data", mountPath: "/x" }] },
      found: /^volume data has volumeMode Block, but is specified in volumeMounts$/u,
    },
    {
      name: "files where a disk is wanted",
      uses: { volumeDevices: [{ name: "data", devicePath: "/dev/x" }] },
      found: /^volume data has volumeMode Filesystem, but is specified in volumeDevices$/u,
    },
    {
      name: "a driver that is not there",
      volume: withSource({ csi: { driver: "d", volumeHandle: "h" } }),
      found: /volumes of type csi are not supported by this node/u,
    },
  ];
  for (const {
    name,
    claim = bound,
    volume = volumeOf({}),
    readOnly,
    phase,
    uses,
    found,
  } of cases) {
    const persistentVolumeClaim = {
      claimName: "c",
      ...(readOnly === undefined ? {} : { readOnly }),
    };
    const pod = aPod(
      {
        volumes: [{ name: "data", persistentVolumeClaim }],
        containers: [aContainer("main", uses)],
      },
      { phase: phase ?? "Pending" },
    );
    const node = testHost("n1");
    const facts = { claim, volume, node, localVolumesDir: ROOT };
    const result = claimedSource(pod, claimsOf(pod)[0] as PodClaim, facts);
    if (result.ok) t.match(result.source, found, name);
    else t.match(result.message, found, name);
  }
  t.end();
});

void t.test("only a folder directly below is the agent's own", (t) => {
  t.ok(isOwnFolder(`${ROOT}/pvc-1`, ROOT));
  for (const path of [
    ROOT,
    `${ROOT}/`,
    `${ROOT}/..`,
    `${ROOT}/../x`,
    `${ROOT}/a/b`,
    `${ROOT}x/a`,
    "/a",
  ])
    t.notOk(isOwnFolder(path, ROOT), path);
  t.end();
});

void t.test("how an export is mounted", (t) => {
  const args = (source: object, options = { mountOptions: [] as string[], readOnly: false }) =>
    nfsMountArguments(
      nfsSource({ server: "nfs.example.com", path: "/data", ...source }, options),
      "/d",
    ).join(" ");
  t.equal(args({}), "-t nfs nfs.example.com:/data /d");
  t.equal(args({ readOnly: true }), "-t nfs -o ro nfs.example.com:/data /d");
  t.equal(
    args({}, { mountOptions: ["nfsvers=4.1", "soft"], readOnly: true }),
    "-t nfs -o ro,nfsvers=4.1,soft nfs.example.com:/data /d",
  );
  t.equal(args({ server: "fd00::1" }), "-t nfs [fd00::1]:/data /d");
  t.equal(args({ server: "[fd00::1]" }), "-t nfs [fd00::1]:/data /d");
  t.end();
});
