import fc from "fast-check";
import t from "tap";
import { applyConfig } from "../../api/machinery/managed-fields/apply-config.js";
import { compareValues } from "../../api/machinery/managed-fields/compare-values.js";
import { EMPTY_SET, pathsOf } from "../../api/machinery/managed-fields/field-set.js";
import type { ManagedEntry } from "../../api/machinery/managed-fields/managed-entries.js";
import { shapeOf } from "../../api/machinery/managed-fields/shape.js";
import { trackUpdate } from "../../api/machinery/managed-fields/track-update.js";
import type { PatchObject, PatchValue } from "../../api/machinery/patch-json.js";
import { typeByName } from "../../api/schema/type-schema.js";

/**
 * A second version of server-side apply, as dumb as it can be: an object is a list of leaves, each
 * with a value and the names of its owners. It knows nothing of sets of fields or of pruning.
 */
type Leaves = Map<string, PatchValue>;
interface Model {
  readonly live: Leaves;
  readonly owned: Map<string, Set<string>>;
}

interface Service {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
  };
  readonly spec?: {
    readonly type?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly Port[];
  };
}
interface Port {
  readonly port: number;
  readonly protocol?: string;
  readonly name?: string;
  readonly targetPort?: number;
}

/**
 * The leaves of a Service; a selector is one. Ports are told apart by number and protocol: these
 * are one leaf, that the port is there.
 */
function leavesOf(service: Service): Leaves {
  const all: Leaves = new Map();
  // What lost all it had may be left as null.
  const metadata = service.metadata ?? {};
  const spec = service.spec ?? {};
  for (const [key, value] of Object.entries(metadata.labels ?? {})) all.set(`label ${key}`, value);
  for (const name of metadata.finalizers ?? []) all.set(`finalizer ${name}`, name);
  if (spec.type !== undefined) all.set("type", spec.type);
  if (spec.selector !== undefined) all.set("selector", inOrder(spec.selector));
  for (const port of spec.ports ?? []) {
    const item = `port ${port.port}/${port.protocol ?? "TCP"}`;
    all.set(item, true);
    if (port.name !== undefined) all.set(`${item} name`, port.name);
    if (port.targetPort !== undefined) all.set(`${item} targetPort`, port.targetPort);
  }
  return all;
}

function inOrder(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .map((pair) => pair.join("="))
    .sort((a, b) => (a < b ? -1 : 1))
    .join();
}

/** True when it was applied; false for a conflict, which changes nothing. */
function dumbApply(model: Model, by: string, config: Leaves, force: boolean): boolean {
  const changed = [...config].filter(([leaf, value]) => model.live.get(leaf) !== value);
  const others = [...model.owned].filter(([manager]) => manager !== by);
  const conflict = changed.some(([leaf]) => others.some(([, owned]) => owned.has(leaf)));
  if (conflict && !force) return false;
  for (const [leaf, value] of changed) {
    for (const [, owned] of others) owned.delete(leaf);
    model.live.set(leaf, value);
  }
  const dropped = [...(model.owned.get(by) ?? [])].filter(
    (leaf) => !config.has(leaf) && !others.some(([, owned]) => owned.has(leaf)),
  );
  // A port goes with all that is in it, whoever has that: as in Kubernetes.
  for (const leaf of dropped)
    for (const gone of [...model.live.keys()].filter(
      (each) => each === leaf || each.startsWith(`${leaf} `),
    )) {
      model.live.delete(gone);
      for (const owned of model.owned.values()) owned.delete(gone);
    }
  model.owned.set(by, new Set(config.keys()));
  return true;
}

/** A write of the whole object: what it changes is its writer's alone, what is gone is nobody's. */
function dumbUpdate(model: Model, by: string, next: Leaves): void {
  for (const leaf of new Set([...model.live.keys(), ...next.keys()])) {
    const value = next.get(leaf);
    if (value === model.live.get(leaf)) continue;
    for (const owned of model.owned.values()) owned.delete(leaf);
    if (value === undefined) model.live.delete(leaf);
    else {
      model.live.set(leaf, value);
      model.owned.set(by, (model.owned.get(by) ?? new Set()).add(leaf));
    }
  }
}

const SHAPE = shapeOf(typeByName("core/v1.Service"));

interface State {
  readonly live: PatchValue;
  readonly entries: readonly ManagedEntry[];
}

function ourApply(state: State, step: Step): State | null {
  const outcome = applyConfig({
    ...state,
    config: configOf(step.config),
    shape: SHAPE,
    by: { manager: step.by, operation: "Apply", apiVersion: "v1", subresource: "" },
    now: "2026-01-01T00:00:00Z",
    force: step.force,
    allowedConflicts: EMPTY_SET,
    resetFields: EMPTY_SET,
    normalise: (object) => object,
  });
  return outcome.ok ? { live: outcome.object, entries: outcome.entries } : null;
}

function ourUpdate(state: State, step: Step): State {
  const live = configOf(step.config);
  const by = { manager: step.by, operation: "Update", apiVersion: "v1", subresource: "" } as const;
  const comparison = compareValues(state.live, live, SHAPE);
  const update = { by, now: "2026-01-01T00:00:00Z", comparison, resetFields: EMPTY_SET };
  return { live, entries: trackUpdate(state.entries, update) };
}

/** Manager and operation → the leaves that managedFields say it has. */
function ownersOf(entries: readonly ManagedEntry[]): Map<string, Set<string>> {
  const owners = new Map<string, Set<string>>();
  for (const { manager, operation, fields } of entries) {
    const owned = pathsOf(fields)
      .map(leafOfPath)
      .filter((leaf) => leaf !== null);
    owners.set(`${manager} ${operation}`, new Set(owned));
  }
  return owners;
}

/** The leaf that a path of managedFields stands for; null for what only holds others. */
function leafOfPath([, field, element, member]: readonly string[]): string | null {
  const rest = element?.slice(2) ?? "";
  switch (field) {
    case "f:labels":
      return element === undefined ? null : `label ${rest}`;
    case "f:finalizers":
      return element === undefined ? null : `finalizer ${String(JSON.parse(rest))}`;
    case "f:type":
    case "f:selector":
      return field.slice(2);
    case "f:ports": {
      if (element === undefined || member === "f:port" || member === "f:protocol") return null;
      const key = JSON.parse(rest) as { readonly port: number; readonly protocol: string };
      const item = `port ${key.port}/${key.protocol}`;
      return member === undefined ? item : `${item} ${member.slice(2)}`;
    }
    default:
      return null;
  }
}

function sameOwners(
  ours: ReadonlyMap<string, ReadonlySet<string>>,
  model: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  return [...new Set([...ours.keys(), ...model.keys()])].every((manager) => {
    const a = ours.get(manager) ?? new Set<string>();
    const b = model.get(manager) ?? new Set<string>();
    return a.size === b.size && [...a].every((leaf) => b.has(leaf));
  });
}

function configOf(config: Service): PatchValue {
  return { apiVersion: "v1", kind: "Service", ...config } as unknown as PatchObject;
}

const name = fc.constantFrom("a", "b", "c");
const only = { requiredKeys: [] };
const text = fc.constantFrom("x", "y");
const port = fc.record(
  {
    port: fc.integer({ min: 1, max: 2 }),
    protocol: fc.constantFrom("TCP", "UDP"),
    name,
    targetPort: fc.integer({ min: 8, max: 9 }),
  },
  { requiredKeys: ["port"] },
);
const some = { minKeys: 1, maxKeys: 2 };
const config = fc.record(
  {
    metadata: fc.record(
      {
        labels: fc.dictionary(name, text, some),
        finalizers: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      },
      only,
    ),
    spec: fc.record(
      {
        type: fc.constantFrom("ClusterIP", "NodePort"),
        selector: fc.dictionary(name, text, some),
        ports: fc.uniqueArray(port, {
          selector: (each) => `${each.port}/${each.protocol ?? "TCP"}`,
          minLength: 1,
          maxLength: 3,
        }),
      },
      only,
    ),
  },
  only,
) as unknown as fc.Arbitrary<Service>;
const step = fc.record({
  by: fc.constantFrom("A", "B", "C"),
  operation: fc.constantFrom("Apply", "Apply", "Update"),
  config,
  force: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function sameLeaves(a: Leaves, b: Leaves): boolean {
  return a.size === b.size && [...a].every(([leaf, value]) => b.get(leaf) === value);
}

t.test("appliers, writers and a list of leaves come to the same object and owners", (t) => {
  let conflicts = 0;
  const agree = (all: readonly Step[]): boolean => {
    const model: Model = { live: new Map(), owned: new Map() };
    let state: State = { live: {}, entries: [] };
    return all.every((each) => {
      const by = `${each.by} ${each.operation}`;
      const leaves = leavesOf(each.config);
      if (each.operation === "Update") {
        state = ourUpdate(state, each);
        dumbUpdate(model, by, leaves);
      } else {
        const next = ourApply(state, each);
        const applied = dumbApply(model, by, leaves, each.force);
        if (!applied) conflicts += 1;
        if (applied !== (next !== null)) return false;
        state = next ?? state;
      }
      return (
        sameLeaves(leavesOf(state.live as unknown as Service), model.live) &&
        sameOwners(ownersOf(state.entries), model.owned)
      );
    });
  };
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), agree), { numRuns: 1_000 });
  t.ok(conflicts > 100, `${conflicts} conflicts`);
  t.end();
});
