import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import type { Container, Volume } from "../../api/schema/types/core-v1.gen.js";
import { NodePaths } from "../node-paths.js";
import { aContainer, aPod } from "../plan/plan-fixtures.js";
import { TestObjects } from "../test-pods.js";
import { writeAtomically } from "./atomic-writer.js";
import { PodVolumes } from "./pod-volumes.js";

const context = { podIps: ["10.0.0.2"], hostIp: "192.0.2.1", resourceValue: () => "7" };

const ownNode = () => undefined;

async function temporary(test: { teardown: (run: () => Promise<void>) => void }): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "rmt-volumes-"));
  test.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

void t.test("files change all at once", async (t) => {
  const dir = await temporary(t);
  const payload = (files: Readonly<Record<string, string>>) =>
    new Map(
      Object.entries(files).map(([path, text]) => [
        path,
        { content: Buffer.from(text), mode: 0o640 },
      ]),
    );
  const options = { groupId: null };
  t.equal(await writeAtomically(dir, payload({ a: "1", "sub/b": "2" }), options), true);
  t.equal(await readFile(join(dir, "sub/b"), "utf8"), "2");
  t.equal((await stat(join(dir, "a"))).mode & 0o777, 0o640);
  const first = await readlink(join(dir, "..data"));
  t.equal(
    await writeAtomically(dir, payload({ a: "1", "sub/b": "2" }), options),
    false,
    "the same",
  );
  t.equal(await readlink(join(dir, "..data")), first);
  t.equal(await writeAtomically(dir, payload({ a: "3", c: "4" }), options), true);
  t.equal(await readFile(join(dir, "a"), "utf8"), "3");
  t.same((await readdir(dir)).filter((name) => !name.startsWith("..")).sort(), ["a", "c"]);
  t.equal(
    (await readdir(dir)).filter((name) => name.startsWith("..v-")).length,
    1,
    "no old version stays",
  );
  await rm(join(dir, "a"));
  await mkdir(join(dir, "..v-torn"));
  t.equal(await writeAtomically(dir, payload({ a: "3", c: "4" }), options), false);
  t.equal(await readFile(join(dir, "a"), "utf8"), "3", "a link that a crash left out is made");
  t.notOk((await readdir(dir)).includes("..v-torn"), "what a crash left behind goes");
});

void t.test("volumes of every supported kind", async (t) => {
  const dir = await temporary(t);
  const objects = new TestObjects();
  objects.configMaps.set("cm", { key: "value", other: "x" });
  objects.secrets.set("s", { pass: "s3cret" });
  const paths = new NodePaths(dir);
  const volumes = new PodVolumes({ imageMounts: null, paths, objects, ownNode });
  const read = (name: string, path: string) =>
    readFile(join(paths.volumes("u"), name, path), "utf8");
  const pod = aPod({
    volumes: [
      { name: "empty", emptyDir: {} },
      { name: "cm", configMap: { name: "cm" } },
      {
        name: "items",
        configMap: {
          name: "cm",
          defaultMode: 0o600,
          items: [{ key: "key", path: "a/b", mode: 0o400 }],
        },
      },
      { name: "s", secret: { secretName: "s" } },
      { name: "none", secret: { secretName: "missing", optional: true } },
      {
        name: "down",
        downwardAPI: {
          items: [
            { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
            { path: "cpu", resourceFieldRef: { containerName: "main", resource: "limits.cpu" } },
          ],
        },
      },
      {
        name: "all",
        projected: {
          sources: [
            { secret: { name: "s" } },
            { configMap: { name: "cm", items: [{ key: "key", path: "k" }] } },
          ],
        },
      },
    ],
  });
  t.same(await volumes.prepare(pod, context), { ok: true });
  t.equal((await stat(join(paths.volumes("u"), "empty"))).mode & 0o777, 0o777);
  t.equal(await read("cm", "key"), "value");
  t.equal(await read("items", "a/b"), "value");
  t.equal((await stat(join(paths.volumes("u"), "items", "a/b"))).mode & 0o777, 0o400);
  t.equal(await read("s", "pass"), "s3cret");
  t.equal(await read("down", "labels"), 'app="web"');
  t.equal(await read("down", "cpu"), "7");
  t.same([await read("all", "pass"), await read("all", "k")], ["s3cret", "value"]);
  await writeFile(join(paths.volumes("u"), "empty", "kept"), "mine");
  await chmod(join(paths.volumes("u"), "empty"), 0o700);
  t.same(await volumes.prepare(pod, context), { ok: true });
  t.equal(await read("empty", "kept"), "mine");
  t.equal(
    (await stat(join(paths.volumes("u"), "empty"))).mode & 0o777,
    0o700,
    "the pod's own mode stays",
  );
  await volumes.remove("u");
  t.same(await readdir(paths.podsDir), []);
});

void t.test("the token of the pod's account follows its renewal", async (t) => {
  const dir = await temporary(t);
  const objects = new TestObjects();
  objects.configMaps.set("kube-root-ca.crt", { "ca.crt": "PEM" });
  const paths = new NodePaths(dir);
  const volumes = new PodVolumes({ imageMounts: null, paths, objects, ownNode });
  const sources = [
    { serviceAccountToken: { path: "token", expirationSeconds: 3607 } },
    { serviceAccountToken: { path: "vault/token", audience: "vault" } },
    { configMap: { name: "kube-root-ca.crt" } },
    {
      downwardAPI: {
        items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }],
      },
    },
  ];
  const spec = {
    serviceAccountName: "bot",
    volumes: [{ name: "kube-api-access-x", projected: { defaultMode: 0o644, sources } }],
  };
  const at = join(paths.volumes("u"), "kube-api-access-x");
  const files = async (): Promise<string[]> =>
    Promise.all(
      ["token", "vault/token", "ca.crt", "namespace"].map((path) =>
        readFile(join(at, path), "utf8"),
      ),
    );
  t.same(await volumes.prepare(aPod(spec), context), { ok: true });
  const namespace = aPod(spec).metadata.namespace ?? "";
  t.same(await files(), ["token bot  3607", "token bot vault 3600", "PEM", namespace]);
  t.equal((await stat(join(at, "token"))).mode & 0o777, 0o644);
  objects.tokenText = "renewed";
  t.same(await volumes.prepare(aPod(spec), context), { ok: true });
  t.same((await files()).slice(0, 2), ["renewed bot  3607", "renewed bot vault 3600"]);
  const grouped = aPod({ ...spec, securityContext: { fsGroup: 1234 } });
  t.same(await volumes.prepare(grouped, context), { ok: true });
  objects.tokenText = "for the group";
  t.same(await volumes.prepare(grouped, context), { ok: true });
  const { mode, gid } = await stat(join(at, "token"));
  t.same([mode & 0o777, gid], [0o640, 1234]);
});

void t.test("certificates of bundles of trust come as one file, each once", async (t) => {
  const dir = await temporary(t);
  const objects = new TestObjects();
  const paths = new NodePaths(dir);
  const volumes = new PodVolumes({ imageMounts: null, paths, objects, ownNode });
  const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
  const bundle = (name: string, labels: Readonly<Record<string, string>>, ...texts: string[]) => {
    const [domain = "", signer = "", rest] = name.split(":");
    const signed = rest === undefined ? {} : { signerName: `${domain}/${signer}` };
    objects.bundles.push({
      apiVersion: "certificates.k8s.io/v1beta1",
      kind: "ClusterTrustBundle",
      metadata: { name, labels, uid: name, resourceVersion: "1", creationTimestamp: "" },
      spec: { trustBundle: texts.map(pem).join("about it\n"), ...signed },
    });
  };
  const made = (source: object) =>
    aPod({
      volumes: [{ name: "v", projected: { sources: [{ clusterTrustBundle: source as never }] } }],
    });
  const shown = (source: object) => volumes.prepare(made(source), context);
  const file = () => readFile(join(paths.volumes("u"), "v", "ca.pem"), "utf8");
  const path = "ca.pem";
  bundle("mine", {}, "A", "B", "A");
  t.same(await shown({ name: "mine", path }), { ok: true });
  t.equal(await file(), pem("A") + pem("B"));
  bundle("example.com:one:b", { live: "yes" }, "C");
  bundle("example.com:one:a", { live: "yes" }, "C", "D");
  bundle("example.com:one:old", { live: "no" }, "E");
  bundle("example.com:two:a", { live: "yes" }, "F");
  const labelSelector = { matchLabels: { live: "yes" } };
  t.same(await shown({ signerName: "example.com/one", labelSelector, path }), { ok: true });
  t.equal(await file(), pem("C") + pem("D"));
  t.same(await shown({ signerName: "example.com/one", labelSelector: {}, path }), { ok: true });
  t.equal(await file(), pem("C") + pem("D") + pem("E"));
  t.match(await shown({ name: "none", path }), {
    ok: false,
    message: 'clustertrustbundles.certificates.k8s.io "none" not found',
  });
  t.match(await shown({ signerName: "example.com/one", path }), { ok: false, message: /zero/u });
  t.same(await shown({ name: "none", path, optional: true }), { ok: true });
  t.equal(await file(), "");
});

void t.test("what cannot be mounted says why", async (t) => {
  const dir = await temporary(t);
  const objects = new TestObjects();
  objects.configMaps.set("cm", { key: "value" });
  const volumes = new PodVolumes({
    imageMounts: null,
    paths: new NodePaths(dir),
    objects,
    ownNode,
  });
  const file = join(dir, "file");
  await writeFile(file, "");
  const cases: readonly (readonly [Volume, string])[] = [
    [{ name: "v", configMap: { name: "x" } }, 'configmap "x" not found'],
    [{ name: "v", secret: { secretName: "x" } }, 'secret "x" not found'],
    [
      { name: "v", configMap: { name: "cm", items: [{ key: "no", path: "p" }] } },
      "ConfigMap ns/cm references non-existent key: no",
    ],
    [
      { name: "v", hostPath: { path: file, type: "Directory" } },
      `hostPath type check failed: ${file} is not a directory`,
    ],
    [
      { name: "v", hostPath: { path: join(dir, "none"), type: "Socket" } },
      `hostPath type check failed: ${join(dir, "none")} is not a socket file`,
    ],
    [
      { name: "v", iscsi: { targetPortal: "s", iqn: "i", lun: 0 } },
      "volumes of type iscsi are not supported by this node",
    ],
  ];
  for (const [volume, message] of cases)
    t.same(await volumes.prepare(aPod({ volumes: [volume] }), context), {
      ok: false,
      volume: "v",
      message,
    });
  for (const type of ["DirectoryOrCreate", "FileOrCreate"]) {
    const path = join(dir, type);
    const made = await volumes.prepare(
      aPod({ volumes: [{ name: "v", hostPath: { path, type } }] }),
      context,
    );
    t.same(made, { ok: true });
    t.equal((await lstat(path)).isDirectory(), type === "DirectoryOrCreate");
  }
});

void t.test("files of API objects are mounted read-only", async (t) => {
  const dir = await temporary(t);
  const volumes = new PodVolumes({
    imageMounts: null,
    paths: new NodePaths(dir),
    objects: new TestObjects(),
    ownNode,
  });
  const cases: readonly (readonly [Volume, boolean])[] = [
    [{ name: "v", configMap: { name: "cm" } }, true],
    [{ name: "v", secret: { secretName: "s" } }, true],
    [{ name: "v", downwardAPI: {} }, true],
    [{ name: "v", projected: {} }, true],
    [{ name: "v", emptyDir: {} }, false],
    [{ name: "v", hostPath: { path: "/" } }, false],
  ];
  for (const [volume, readonly] of cases) {
    const pod = aPod({ volumes: [volume] });
    const container = aContainer("main", { volumeMounts: [{ name: "v", mountPath: "/m" }] });
    const result = await volumes.mountsOf(pod, container, new Map());
    t.match(result, { ok: true, mounts: [{ readonly }] }, Object.keys(volume).join(" "));
  }
});

void t.test("an emptyDir whose making was cut short is finished", async (t) => {
  const dir = await temporary(t);
  const paths = new NodePaths(dir);
  const volumes = new PodVolumes({ imageMounts: null, paths, objects: new TestObjects(), ownNode });
  const pod = aPod({ volumes: [{ name: "v", emptyDir: {} }] });
  // As an agent leaves it that is killed before it could set the mode.
  await mkdir(join(paths.volumes("u"), "v.new"), { recursive: true });
  t.same(await volumes.prepare(pod, context), { ok: true });
  t.equal((await stat(join(paths.volumes("u"), "v"))).mode & 0o7777, 0o777);
});

void t.test("subPath stays inside its volume", async (t) => {
  const dir = await temporary(t);
  const base = join(dir, "base");
  await mkdir(join(base, "inner"), { recursive: true });
  await symlink("/etc", join(base, "out"));
  await symlink("inner", join(base, "in"));
  const volumes = new PodVolumes({
    imageMounts: null,
    paths: new NodePaths(dir),
    objects: new TestObjects(),
    ownNode,
  });
  const pod = aPod({ volumes: [{ name: "v", hostPath: { path: base } }] });
  const mounted = async (mount: object): Promise<unknown> => {
    const container: Container = aContainer("main", {
      volumeMounts: [{ name: "v", mountPath: "/m", ...mount }],
    });
    const result = await volumes.mountsOf(pod, container, new Map([["DIR", "made"]]));
    return result.ok ? result.mounts[0]?.hostPath : null;
  };
  t.equal(await mounted({}), base);
  t.equal(await mounted({ subPath: "inner" }), join(base, "inner"));
  t.equal(await mounted({ subPath: "in" }), join(base, "inner"));
  t.equal(await mounted({ subPath: "new/deep" }), join(base, "new/deep"));
  t.equal(await mounted({ subPathExpr: "$(DIR)" }), join(base, "made"));
  for (const subPath of ["out", "out/passwd", "out/new", "../x"])
    t.equal(await mounted({ subPath }), null, subPath);
});

void t.test(
  "subPathExpr needs a value for every variable, and a path below the volume",
  async (t) => {
    const dir = await temporary(t);
    const volumes = new PodVolumes({
      imageMounts: null,
      paths: new NodePaths(dir),
      objects: new TestObjects(),
      ownNode,
    });
    const pod = aPod({ volumes: [{ name: "v", hostPath: { path: dir } }] });
    const env = new Map([
      ["EMPTY", ""],
      ["ABSOLUTE", "/tmp"],
      ["UP", ".."],
      ["NAME", "foo"],
    ]);
    const refusal = async (subPathExpr: string): Promise<string | null> => {
      const volumeMounts = [{ name: "v", mountPath: "/m", subPathExpr }];
      const result = await volumes.mountsOf(pod, aContainer("main", { volumeMounts }), env);
      return result.ok ? null : result.message;
    };
    t.equal(await refusal("$(EMPTY)/$(NAME)"), "missing value for EMPTY");
    t.equal(await refusal("$(NOT)/$(NAME)/$(EMPTY)"), "missing value for EMPTY, NOT");
    t.equal(await refusal("$(ABSOLUTE)"), 'subPath "/tmp" must not be an absolute path');
    t.equal(await refusal("$(NAME)/$(UP)"), 'subPath "foo/.." must not contain ".."');
    t.equal(await refusal("$$(NAME)"), null);
    t.same((await readdir(dir)).sort(), ["$(NAME)"]);
  },
);

void t.test("a part that is made lets in whom its volume lets in", async (t) => {
  const dir = await temporary(t);
  const paths = new NodePaths(dir);
  const volumes = new PodVolumes({ imageMounts: null, paths, objects: new TestObjects(), ownNode });
  const pod = aPod({ volumes: [{ name: "v", emptyDir: {} }] });
  t.same(await volumes.prepare(pod, context), { ok: true });
  const volumeMounts = [{ name: "v", mountPath: "/m", subPath: "a/b" }];
  const result = await volumes.mountsOf(pod, aContainer("main", { volumeMounts }), new Map());
  t.ok(result.ok);
  for (const part of ["a", "a/b"])
    t.equal((await stat(join(paths.volumes("u"), "v", part))).mode & 0o7777, 0o777, part);
});
