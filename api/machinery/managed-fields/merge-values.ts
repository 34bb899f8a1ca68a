import {
  isPatchList,
  isPatchObject,
  type PatchObject,
  type PatchValue,
  setMember,
} from "../patch-json.js";
import { type GranularList, listElements } from "./list-elements.js";
import type { Shape } from "./shape.js";
import { isHollow, memberShape } from "./value-fields.js";

/**
 * What comes of laying `config` over `live`: fields of both are merged down to where one owner has
 * all, everything else is kept. Nothing is removed. Neither argument is changed.
 */
export function mergeValues(live: PatchValue, config: PatchValue, shape: Shape): PatchValue {
  if (shape.kind === "scalar" || shape.kind === "atomicList") return config;
  if (isHollow(live) && isHollow(config)) return config;
  if (shape.kind === "set" || shape.kind === "keyed") {
    if (!isPatchList(live)) return config;
    return isPatchList(config) ? mergeLists(live, config, shape) : live;
  }
  if (shape.kind !== "any" && shape.atomic) return config;
  if (isPatchObject(live) && isPatchObject(config)) return mergeObjects(live, config, shape);
  // A null says nothing about an object that is there.
  return config === null && isPatchObject(live) ? live : config;
}

function mergeObjects(live: PatchObject, config: PatchObject, shape: Shape): PatchObject {
  const out: Record<string, PatchValue | undefined> = { ...live };
  for (const key of Object.keys(config)) {
    const value = config[key];
    if (value === undefined) continue;
    const before = Object.hasOwn(live, key) ? live[key] : undefined;
    const found = memberShape(key, shape);
    const merged =
      before === undefined || found === null ? value : mergeValues(before, value, found.shape);
    setMember(out, key, merged);
  }
  return out;
}

/**
 * Items of `config` in its order; those only in `live` stay where they are between the items that
 * both have. An item that is in `live` several times cannot be merged: the one of `config` replaces
 * them.
 */
function mergeLists(
  live: readonly PatchValue[],
  config: readonly PatchValue[],
  shape: GranularList,
): readonly PatchValue[] {
  const left = listElements(live, shape);
  const right = listElements(config, shape);
  if (left === null || right === null) return config;
  const olds = indexed(live, left);
  const news = new Map(right.map((element, index) => [element, config[index] ?? null]));
  const out: PatchValue[] = [];
  const takeConfig = (element: string): void => {
    const value = news.get(element) ?? null;
    const before = olds.get(element);
    out.push(
      before === undefined || before === null ? value : mergeValues(before, value, shape.of),
    );
  };
  const shared = right.filter((element) => olds.has(element));
  const done = new Set<string>();
  let nextShared = shared.shift();
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const [own, wanted] = [left[l], right[r]];
    if (own !== undefined && !news.has(own)) {
      out.push(live[l] ?? null);
      l += 1;
      continue;
    }
    if (own !== undefined && own !== wanted) {
      const comesLater = wanted !== undefined && nextShared !== undefined && own !== nextShared;
      if (comesLater || done.has(own)) l += 1;
      if (comesLater) continue;
    }
    if (wanted === undefined) continue;
    takeConfig(wanted);
    done.add(wanted);
    r += 1;
    if (wanted === own) l += 1;
    if (wanted === nextShared) nextShared = shared.shift();
  }
  return out;
}

/** Null for items that are there several times. */
function indexed(
  items: readonly PatchValue[],
  elements: readonly string[],
): Map<string, PatchValue | null> {
  const index = new Map<string, PatchValue | null>();
  for (const [place, element] of elements.entries()) {
    index.set(element, index.has(element) ? null : (items[place] ?? null));
  }
  return index;
}
