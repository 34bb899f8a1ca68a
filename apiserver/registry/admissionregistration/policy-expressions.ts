import {
  BOOL,
  type CelType,
  DYN,
  NULL,
  STRING,
  listOf,
  mapOf,
  opaque,
} from "../../../api/machinery/cel/cel-types.js";
import { type CompiledExpression, compileExpression } from "../../../api/machinery/cel/program.js";
import type {
  AuditAnnotation,
  MatchCondition,
  Mutation,
  Validation,
  Variable,
} from "../../../api/schema/types/admissionregistration-v1.gen.js";

/*
 * What expressions of admission policies and of webhooks' match conditions may refer to, and what
 * each has to be. Kubernetes: "Validating Admission Policy", KEP-3488, KEP-3716, KEP-3962.
 */

/** What expressions of a policy may refer to besides the request. */
export interface PolicyScope {
  /** `params`: the policy has a paramKind. */
  readonly params: boolean;
  /** What `object` and `oldObject` are known to be; absent: anything. */
  readonly objectType?: CelType;
}

type Variables = ReadonlyMap<string, CelType>;

const TEXT_TRIPLE = (third: string): CelType =>
  object("type", { group: STRING, version: STRING, [third]: STRING });

/** The request, but for its objects, which are variables of their own. */
const REQUEST: CelType = object("request", {
  kind: TEXT_TRIPLE("kind"),
  resource: TEXT_TRIPLE("resource"),
  subResource: STRING,
  requestKind: TEXT_TRIPLE("kind"),
  requestResource: TEXT_TRIPLE("resource"),
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: object("userInfo", {
    username: STRING,
    uid: STRING,
    groups: listOf(STRING),
    extra: mapOf(STRING, listOf(STRING)),
  }),
  dryRun: BOOL,
  options: DYN,
});

const AUTHORIZER = "authorizer";
const REQUEST_RESOURCE = "authorizer.requestResource";

function object(name: string, types: Readonly<Record<string, CelType>>): CelType {
  const fields = Object.entries(types).map(
    ([jsonName, type]) => [jsonName, { type, jsonName }] as const,
  );
  return { kind: "object", name: `kubernetes.${name}`, fields: new Map(fields) };
}

function baseVariables({ params, objectType = DYN }: PolicyScope): Map<string, CelType> {
  return new Map([
    ["object", objectType],
    ["oldObject", objectType],
    ["request", REQUEST],
    ["namespaceObject", DYN],
    [AUTHORIZER, opaque("kubernetes.authorization.Authorizer")],
    [REQUEST_RESOURCE, opaque("kubernetes.authorization.ResourceCheck")],
    ...(params ? [["params", DYN] as const] : []),
  ]);
}

function without(variables: Variables, ...names: readonly string[]): Variables {
  return new Map([...variables].filter(([name]) => !names.includes(name)));
}

/** A match condition of a policy or a webhook; true for requests that are wanted. */
export interface CompiledCondition {
  readonly name: string;
  readonly expression: string;
  readonly program: CompiledExpression;
}

/** Compiles match conditions. They see neither variables nor the namespace. */
export function compileConditions(
  conditions: readonly MatchCondition[],
  scope: PolicyScope,
): readonly CompiledCondition[] {
  const variables = without(baseVariables(scope), "namespaceObject");
  return conditions.map(({ name, expression }) => ({
    name,
    expression: expression.trim(),
    program: compileExpression(expression.trim(), { variables, results: [BOOL] }),
  }));
}

/** What is known of a policy when it is looked at, whatever it does. */
export interface CompiledVariables {
  /** By name; their values are made when somebody asks. */
  readonly programs: ReadonlyMap<string, CompiledExpression>;
  /** What expressions after them may refer to. */
  readonly types: Variables;
}

/** Types that mutations may make. */
const MUTATION_STRUCTS = ["Object", "JSONPatch"];

/** Compiles variables, each of which may refer to those before it. */
export function compileVariables(
  variables: readonly Variable[],
  scope: PolicyScope & { readonly mutating?: boolean },
): CompiledVariables {
  const types = baseVariables(scope);
  const programs = new Map<string, CompiledExpression>();
  const structs = scope.mutating === true ? MUTATION_STRUCTS : [];
  for (const { name, expression } of variables) {
    const compiled = compileExpression(expression, { variables: types, structs });
    programs.set(name, compiled);
    types.set(`${VARIABLES}${name}`, compiled.ok ? compiled.program.type : DYN);
  }
  return { programs, types };
}

/** What the names of variables of a policy begin with in expressions. */
export const VARIABLES = "variables.";

export interface CompiledValidation {
  readonly validation: Validation;
  readonly program: CompiledExpression;
  /** Null: there is none. */
  readonly message: CompiledExpression | null;
}

/** Compiles what must be true. Messages do not see the authorizer. */
export function compileValidations(
  validations: readonly Validation[],
  variables: Variables,
): readonly CompiledValidation[] {
  const forMessages = without(variables, AUTHORIZER, REQUEST_RESOURCE);
  return validations.map((validation) => {
    const { expression, messageExpression = "" } = validation;
    return {
      validation,
      program: compileExpression(expression, { variables, results: [BOOL] }),
      message:
        messageExpression === ""
          ? null
          : compileExpression(messageExpression, { variables: forMessages, results: [STRING] }),
    };
  });
}

export interface CompiledAnnotation {
  readonly annotation: AuditAnnotation;
  readonly program: CompiledExpression;
}

/** Compiles notes for the audit. */
export function compileAnnotations(
  annotations: readonly AuditAnnotation[],
  variables: Variables,
): readonly CompiledAnnotation[] {
  return annotations.map((annotation) => ({
    annotation,
    program: compileExpression(annotation.valueExpression.trim(), {
      variables,
      results: [STRING, NULL],
    }),
  }));
}

export interface CompiledMutation {
  readonly patchType: string;
  readonly expression: string;
  readonly program: CompiledExpression;
}

/** Compiles changes: each makes an Object or a list of JSONPatch. */
export function compileMutations(
  mutations: readonly Mutation[],
  variables: Variables,
): readonly CompiledMutation[] {
  return mutations.map(({ patchType, applyConfiguration, jsonPatch }) => {
    const isPatch = patchType === "JSONPatch";
    const expression = (isPatch ? jsonPatch : applyConfiguration)?.expression ?? "";
    const results = isPatch ? { results: [listOf(DYN)] } : {};
    const about = { variables, structs: MUTATION_STRUCTS, ...results };
    return { patchType, expression, program: compileExpression(expression, about) };
  });
}
