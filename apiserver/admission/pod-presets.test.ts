import t from "tap";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodPreset, PodPresetSpec } from "../../api/schema/types/settings-v1alpha1.gen.js";
import { presetsOf, withPresets } from "./pod-presets.js";

const meta = { uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" };

function pod(spec: Partial<Pod["spec"]> = {}, annotations: Record<string, string> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...meta, name: "web", resourceVersion: "", labels: { app: "web" }, annotations },
    spec: { containers: [{ name: "c", image: "web" }], ...spec },
  };
}

function preset(name: string, spec: PodPresetSpec): PodPreset {
  return {
    apiVersion: "settings.k8s.io/v1alpha1",
    kind: "PodPreset",
    metadata: { ...meta, name, resourceVersion: `1${name.length}` },
    spec,
  };
}

const web = { matchLabels: { app: "web" } };
const cache = { name: "cache", emptyDir: {} };
const mount = { name: "cache", mountPath: "/cache" };

void t.test("a preset adds to every container and init container", (t) => {
  const database = preset("database", {
    selector: web,
    env: [{ name: "DB_PORT", value: "6379" }],
    envFrom: [{ configMapRef: { name: "settings" } }],
    volumes: [cache],
    volumeMounts: [mount],
  });
  const before = pod({ initContainers: [{ name: "i", image: "init" }] });
  const { pod: after } = withPresets(before, [database]);
  for (const container of [after?.spec.containers[0], after?.spec.initContainers?.[0]])
    t.match(container, {
      env: [{ name: "DB_PORT", value: "6379" }],
      envFrom: [{ configMapRef: { name: "settings" } }],
      volumeMounts: [mount],
    });
  t.strictSame(after?.spec.volumes, [cache]);
  t.strictSame(after?.metadata.annotations, {
    "podpreset.admission.kubernetes.io/podpreset-database": "18",
  });
  t.strictSame(before, pod({ initContainers: [{ name: "i", image: "init" }] }), "a new object");
  t.end();
});

void t.test("several presets merge, in the order of their names", (t) => {
  const one = preset("a", { selector: web, env: [{ name: "A", value: "1" }] });
  const two = preset("bb", {
    selector: web,
    env: [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ],
  });
  const chosen = presetsOf(pod(), [two, one]);
  t.strictSame(
    chosen.map(({ metadata }) => metadata.name),
    ["a", "bb"],
  );
  const { pod: after } = withPresets(pod(), chosen);
  t.strictSame(after?.spec.containers[0]?.env, two.spec.env, "what is the same is there once");
  t.strictSame(Object.values(after?.metadata.annotations ?? {}), ["11", "12"]);
  t.end();
});

void t.test("what a pod says otherwise is a conflict, and nothing is changed", (t) => {
  const cases: readonly [string, Partial<Pod["spec"]>, PodPresetSpec, string][] = [
    [
      "variable",
      { containers: [{ name: "c", env: [{ name: "A", value: "2" }] }] },
      { env: [{ name: "A", value: "1" }] },
      "merging env for p has a conflict on A",
    ],
    [
      "volume",
      { volumes: [{ name: "cache", hostPath: { path: "/tmp" } }] },
      { volumes: [cache] },
      "merging volumes for p has a conflict on cache",
    ],
    [
      "path",
      { containers: [{ name: "c", volumeMounts: [{ name: "own", mountPath: "/cache" }] }] },
      { volumes: [cache], volumeMounts: [mount] },
      "merging volume mounts for p has a conflict on mount path /cache",
    ],
    [
      "mount",
      { containers: [{ name: "c", volumeMounts: [{ name: "cache", mountPath: "/own" }] }] },
      { volumes: [cache], volumeMounts: [mount] },
      "merging volume mounts for p has a conflict on cache",
    ],
  ];
  for (const [name, spec, added, conflict] of cases)
    t.strictSame(
      withPresets(pod(spec), [preset("p", added)]),
      { pod: null, conflicts: [conflict] },
      name,
    );
  const contradicting = ["1", "2"].map((value, index) =>
    preset("ab".charAt(index), { env: [{ name: "A", value }] }),
  );
  t.strictSame(withPresets(pod(), contradicting).conflicts, [
    "merging env for b has a conflict on A",
  ]);
  t.end();
});

void t.test("who gets presets", (t) => {
  const all = preset("all", { env: [{ name: "A" }] });
  const other = preset("other", { selector: { matchLabels: { app: "db" } }, env: [{ name: "A" }] });
  t.strictSame(presetsOf(pod(), [all, other]), [all], "an empty selector selects everything");
  const exclude = { "podpreset.admission.kubernetes.io/exclude": "true" };
  t.strictSame(presetsOf(pod({}, exclude), [all]), []);
  const notExcluded = { "podpreset.admission.kubernetes.io/exclude": "false" };
  t.strictSame(presetsOf(pod({}, notExcluded), [all]), [all]);
  t.strictSame(presetsOf(pod({}, { "kubernetes.io/config.mirror": "h" }), [all]), []);
  t.end();
});
