import { CelOpaque, type CelValue } from "../cel-values.js";
import { type Overload, define } from "../overload.js";

/** What an expression asks whether somebody may do it. */
export interface AuthorizerQuestion {
  /** Null: whoever makes the request; else a service account. */
  readonly serviceAccount: { readonly namespace: string; readonly name: string } | null;
  readonly verb: string;
  /** Null for a resource. */
  readonly path: string | null;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}
export interface AuthorizerAnswer {
  readonly allowed: boolean;
  readonly reason: string;
}
/** Answers expressions' questions; behind the variable `authorizer`. */
export type AskAuthorizer = (question: AuthorizerQuestion) => AuthorizerAnswer;

interface Check {
  readonly ask: AskAuthorizer;
  readonly question: AuthorizerQuestion;
}

const PREFIX = "kubernetes.authorization";
const NOTHING: AuthorizerQuestion = {
  serviceAccount: null,
  verb: "",
  path: null,
  group: "",
  resource: "",
  subresource: "",
  namespace: "",
  name: "",
};

/** The value of the variable `authorizer`. */
export function authorizerValue(ask: AskAuthorizer): CelValue {
  return made("Authorizer", { ask, question: NOTHING });
}

/** The value of `authorizer.requestResource`: about the object of the request. */
export function resourceCheckValue(
  ask: AskAuthorizer,
  about: Pick<AuthorizerQuestion, "group" | "resource" | "subresource" | "namespace" | "name">,
): CelValue {
  return made("ResourceCheck", { ask, question: { ...NOTHING, ...about } });
}

function made(type: string, check: Check): CelOpaque {
  return new CelOpaque(`${PREFIX}.${type}`, check, JSON.stringify(check.question));
}

function with_(type: string, value: CelOpaque, more: Partial<AuthorizerQuestion>): CelOpaque {
  const { ask, question } = value.value as Check;
  return made(type, { ask, question: { ...question, ...more } });
}

function check(value: CelOpaque, verb: string): CelOpaque {
  const { ask, question } = value.value as Check;
  const answer = ask({ ...question, verb });
  return new CelOpaque(`${PREFIX}.Decision`, answer, JSON.stringify(answer));
}

const answerOf = (value: CelOpaque): AuthorizerAnswer => value.value as AuthorizerAnswer;
/** Asking costs what Kubernetes says it does. */
const asking = { cost: () => 350_000 };

/** Kubernetes' library for authorization. */
export const AUTHORIZERS: readonly Overload[] = [
  define("Authorizer.path(string): PathCheck", (a: CelOpaque, path: string) =>
    with_("PathCheck", a, { path }),
  ),
  define("Authorizer.group(string): GroupCheck", (a: CelOpaque, group: string) =>
    with_("GroupCheck", a, { group }),
  ),
  define("Authorizer.serviceAccount(string, string): Authorizer", serviceAccount),
  define("GroupCheck.resource(string): ResourceCheck", (a: CelOpaque, resource: string) =>
    with_("ResourceCheck", a, { resource }),
  ),
  define("ResourceCheck.subresource(string): ResourceCheck", (a: CelOpaque, subresource: string) =>
    with_("ResourceCheck", a, { subresource }),
  ),
  define("ResourceCheck.namespace(string): ResourceCheck", (a: CelOpaque, namespace: string) =>
    with_("ResourceCheck", a, { namespace }),
  ),
  define("ResourceCheck.name(string): ResourceCheck", (a: CelOpaque, name: string) =>
    with_("ResourceCheck", a, { name }),
  ),
  define("ResourceCheck.check(string): Decision", check, asking),
  define("PathCheck.check(string): Decision", check, asking),
  define("Decision.allowed(): bool", (a: CelOpaque) => answerOf(a).allowed),
  define("Decision.reason(): string", (a: CelOpaque) => answerOf(a).reason),
  define("Decision.errored(): bool", () => false),
  define("Decision.error(): string", () => ""),
];

function serviceAccount(a: CelOpaque, namespace: string, name: string): CelOpaque {
  return with_("Authorizer", a, { serviceAccount: { namespace, name } });
}
