import { isPatchList, isPatchObject, type PatchValue } from "../patch-json.js";
import { type GranularList, listElement } from "./list-elements.js";
import { describeElement } from "./path-element.js";
import type { Shape } from "./shape.js";
import { memberShape } from "./value-fields.js";

/**
 * What is wrong with an applied configuration: fields that the type does not have, values of the
 * wrong kind, list items that cannot be told apart. In Kubernetes' words; null: nothing.
 */
export function checkConfig(config: PatchValue, shape: Shape): string | null {
  const walk = new CheckWalk();
  walk.value(config, shape);
  const { problems } = walk;
  const [only] = problems;
  if (only === undefined || problems.length === 1) return only ?? null;
  return ["errors:", ...problems.map((problem) => `  ${problem}`)].join("\n");
}

class CheckWalk {
  readonly problems: string[] = [];
  private readonly path: string[] = [];

  value(value: PatchValue, shape: Shape): void {
    if (value === null || shape.kind === "any") return;
    switch (shape.kind) {
      case "scalar":
        this.scalar(value, shape.accepts);
        return;
      case "map":
      case "struct":
        this.object(value, shape);
        return;
      case "atomicList":
        if (!isPatchList(value)) this.say(`expected list, got ${describe(value)}`);
        else for (const [i, item] of value.entries()) this.inside(`i:${i}`, item, shape.of);
        return;
      case "set":
      case "keyed":
        if (!isPatchList(value)) this.say(`expected list, got ${describe(value)}`);
        else this.items(value, shape);
    }
  }

  private object(value: PatchValue, shape: Shape): void {
    if (!isPatchObject(value)) {
      this.say(`expected map, got ${describe(value)}`);
      return;
    }
    for (const key of Object.keys(value)) {
      const found = memberShape(key, shape);
      if (found === null) {
        this.problems.push(`${this.where()}.${key}: field not declared in schema`);
        return;
      }
      this.inside(found.element, value[key] ?? null, found.shape);
    }
  }

  private items(items: readonly PatchValue[], shape: GranularList): void {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const found = listElement(item, shape);
      if (!found.ok) {
        this.say(`element ${index}: ${found.problem}`);
        return;
      }
      const { element } = found;
      if (seen.has(element)) this.say(`duplicate entries for key ${describeElement(element)}`);
      seen.add(element);
      this.inside(element, item, shape.of);
    }
  }

  private scalar(value: PatchValue, accepts: "text" | "number" | "boolean" | "scalar"): void {
    const found = typeof value;
    switch (accepts) {
      case "text":
        if (found !== "string") this.say(`expected string, got ${describe(value)}`);
        return;
      case "number":
        if (found !== "number") this.say(`expected numeric (int or float), got ${goType(value)}`);
        return;
      case "boolean":
        if (found !== "boolean") this.say(`expected boolean, got ${describe(value)}`);
        return;
      case "scalar":
        if (found === "object") this.say(`expected any scalar, got ${describe(value)}`);
    }
  }

  private inside(element: string, value: PatchValue, shape: Shape): void {
    this.path.push(element);
    this.value(value, shape);
    this.path.pop();
  }

  private say(text: string): void {
    const where = this.where();
    this.problems.push(where === "" ? text : `${where}: ${text}`);
  }

  private where(): string {
    return this.path.map(describeElement).join("");
  }
}

/** The value as Go prints what it took from JSON. */
function describe(value: PatchValue): string {
  if (isPatchList(value)) return `&{[${value.map(goValue).join(" ")}]}`;
  return `&{${goValue(value)}}`;
}

function goValue(value: PatchValue): string {
  if (value === null) return "<nil>";
  if (isPatchList(value)) return `[${value.map(goValue).join(" ")}]`;
  if (!isPatchObject(value)) return String(value);
  const keys = Object.keys(value).sort();
  return `map[${keys.map((key) => `${key}:${goValue(value[key] ?? null)}`).join(" ")}]`;
}

function goType(value: PatchValue): string {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  return isPatchList(value) ? "[]interface {}" : "map[string]interface {}";
}
