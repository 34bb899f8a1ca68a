import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { onHost, testClaim, testHost, testVolume } from "../../api/schema/storage/test-volumes.js";
import type { Pod, Volume } from "../../api/schema/types/core-v1.gen.js";
import { NodePaths } from "../node-paths.js";
import { aContainer, aPod } from "../plan/plan-fixtures.js";
import { TestObjects } from "../test-pods.js";
import { LocalVolumes } from "./local-volumes.js";
import { PodVolumes } from "./pod-volumes.js";

const context = { podIps: [], hostIp: "192.0.2.1", resourceValue: () => "" };
const groupId = process.getgid?.() ?? 0;
const DATA: Volume = { name: "data", persistentVolumeClaim: { claimName: "c" } };

/** An agent whose claim `c` is bound to a folder of its own. */
async function start(t: { teardown: (run: () => Promise<void>) => void }) {
  const dir = await mkdtemp(join(tmpdir(), "rmt-claims-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  const paths = new NodePaths(dir);
  const objects = new TestObjects();
  const path = join(paths.localVolumesDir, "pvc-c");
  const claim = testClaim("c", {
    meta: { namespace: "ns" },
    spec: { volumeName: "v" },
    status: { phase: "Bound" },
  });
  const { hostPath: _path, ...spec } = testVolume("v").spec;
  const claimRef = { namespace: "ns", name: "c", uid: "c" };
  objects.claims.set("c", claim);
  objects.volumes.set("v", {
    ...testVolume("v"),
    spec: { ...spec, claimRef, local: { path }, ...onHost("n1") },
  });
  const agent = () =>
    new PodVolumes({ imageMounts: null, paths, objects, ownNode: () => testHost("n1") });
  return { agent, objects, path, paths };
}

function podWith(volume: Volume, more: Partial<Pod["spec"]> = {}): Pod {
  const volumeMounts = [
    { name: "data", mountPath: "/data" },
    { name: "data", mountPath: "/sub", subPath: "sub", readOnly: true },
  ];
  return aPod({ volumes: [volume], containers: [aContainer("main", { volumeMounts })], ...more });
}

async function mountsOf(volumes: PodVolumes, pod: Pod) {
  const result = await volumes.mountsOf(pod, pod.spec.containers[0] as never, new Map());
  return result.ok ? result.mounts : result.message;
}

void t.test("a folder of the agent's own outlives pods and the agent", async (t) => {
  const { agent, path, paths } = await start(t);
  const first = agent();
  const pod = podWith(DATA);
  t.equal(await mountsOf(first, pod), 'volume "data" is not mounted on this node');
  t.strictSame(await first.prepare(pod, context), { ok: true });
  t.equal((await stat(path)).mode & 0o7777, 0o777, "anybody may write");
  t.match(await mountsOf(first, pod), [
    { containerPath: "/data", hostPath: path, readonly: false },
    { containerPath: "/sub", hostPath: join(path, "sub"), readonly: true },
  ]);
  await writeFile(join(path, "file"), "kept");
  await chmod(path, 0o700);
  await first.remove("u");
  const second = agent();
  const next = { ...pod, metadata: { ...pod.metadata, uid: "u2" } };
  t.strictSame(await second.prepare(next, context), { ok: true });
  t.equal(await readFile(join(path, "file"), "utf8"), "kept");
  t.equal((await stat(path)).mode & 0o7777, 0o700, "its owner decides about it");
  await second.remove("u2");
  const volumes = new LocalVolumes(paths.localVolumesDir);
  t.equal(await volumes.remove("pvc-c"), true);
  await t.rejects(stat(path), { code: "ENOENT" }, "until its volume is deleted");
});

void t.test("a volume is the group's", async (t) => {
  const { agent, path } = await start(t);
  await mkdir(join(path, "sub"), { recursive: true });
  await writeFile(join(path, "sub/file"), "", { mode: 0o600 });
  await chmod(path, 0o755);
  const pod = (fsGroupChangePolicy: string) =>
    podWith(DATA, { securityContext: { fsGroup: groupId, fsGroupChangePolicy } });
  t.strictSame(await agent().prepare(pod("Always"), context), { ok: true });
  const modeOf = async (name: string) => (await stat(join(path, name))).mode & 0o7777;
  t.equal(await modeOf("."), 0o2775);
  t.equal(await modeOf("sub/file"), 0o660);
  await chmod(join(path, "sub/file"), 0o600);
  t.strictSame(await agent().prepare(pod("OnRootMismatch"), context), { ok: true });
  t.equal(await modeOf("sub/file"), 0o600, "the root says that it is done");
});

void t.test("what cannot be mounted", async (t) => {
  const { agent, objects } = await start(t);
  const prepare = (volume: Volume) => agent().prepare(podWith(volume), context);
  objects.claims.clear();
  t.match(await prepare(DATA), { ok: false, volume: "data", message: /"c" not found/u });
});

void t.test(
  "an export is mounted by mount(8), once; what that says is why it is not",
  async (t) => {
    const { agent, objects, paths } = await start(t);
    const programs = await mkdtemp(join(tmpdir(), "rmt-mount-"));
    t.teardown(() => rm(programs, { recursive: true, force: true }));
    const calls = join(programs, "calls");
    // Stands for mount(8), so that a kernel without NFS will do.
    const script = `#!/bin/sh
echo "$*" >> ${calls}
case "$*" in *absent*) echo "mount.nfs: access denied by server" >&2; exit 32;; esac
`;
    await writeFile(join(programs, "mount"), script, { mode: 0o755 });
    const { PATH = "" } = process.env;
    process.env["PATH"] = `${programs}:${PATH}`;
    t.teardown(() => {
      process.env["PATH"] = PATH;
    });
    const bound = objects.volumes.get("v") ?? testVolume("v");
    const { local: _local, nodeAffinity: _affinity, ...spec } = bound.spec;
    const exported = { server: "nfs.example.com", path: "/shared" };
    const mountOptions = ["nfsvers=4.2", "soft"];
    objects.volumes.set("v", { ...bound, spec: { ...spec, nfs: exported, mountOptions } });

    const volumes = agent();
    const claiming = podWith(DATA);
    const folder = join(paths.volumes(claiming.metadata.uid), "data");
    t.strictSame(await volumes.prepare(claiming, context), { ok: true });
    t.strictSame(await volumes.prepare(claiming, context), { ok: true });
    t.ok((await stat(folder)).isDirectory());
    const naming = (path: string): Pod => {
      const nfs = { server: "fd00::1", path, readOnly: true };
      const pod = podWith({ name: "data", nfs });
      return { ...pod, metadata: { ...pod.metadata, uid: path.slice(1) } };
    };
    t.strictSame(await volumes.prepare(naming("/own"), context), { ok: true });
    const refused = await volumes.prepare(naming("/absent"), context);
    const absent = join(paths.volumes("absent"), "data");
    t.match(
      JSON.stringify(refused),
      /mount failed: mount --no-mtab -t nfs -o ro \[fd00::1\]:\/absent/,
    );
    t.match(JSON.stringify(refused), /mount\.nfs: access denied by server/);
    t.strictSame((await readFile(calls, "utf8")).trim().split("\n"), [
      `--no-mtab -t nfs -o nfsvers=4.2,soft nfs.example.com:/shared ${folder}`,
      `--no-mtab -t nfs -o ro [fd00::1]:/own ${join(paths.volumes("own"), "data")}`,
      `--no-mtab -t nfs -o ro [fd00::1]:/absent ${absent}`,
    ]);
  },
);
