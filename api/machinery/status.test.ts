import t from "tap";
import {
  duplicate,
  type FieldError,
  fieldErrorMessage,
  fieldErrorsMessage,
  forbidden as forbiddenField,
  invalid,
  notFound as notFoundField,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from "./field-errors.js";
import {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  internalError,
  invalidObject,
  methodNotAllowed,
  notFound,
  requestTooLarge,
  success,
  tooManyRequests,
  tooOldResourceVersion,
} from "./status.js";

const PODS = { group: "", resource: "pods" };
const DEPLOYMENTS = { group: "apps", resource: "deployments" };

t.test("messages of field errors", (t) => {
  const table: readonly (readonly [FieldError, string])[] = [
    [required("spec.x"), "spec.x: Required value"],
    [required("spec.x", "why"), "spec.x: Required value: why"],
    [invalid("a", -1, "must be positive"), "a: Invalid value: -1: must be positive"],
    [invalid("a", 'b"', "no"), 'a: Invalid value: "b\\"": no'],
    [invalid("a", { b: "c" }, "no"), 'a: Invalid value: {"b":"c"}: no'],
    [typeInvalid("a", "b", ""), 'a: Invalid value: "b"'],
    [duplicate("a[1]", "x"), 'a[1]: Duplicate value: "x"'],
    [notSupported("a", "x", ["A", "B"]), 'a: Unsupported value: "x": supported values: "A", "B"'],
    [forbiddenField("a", "no"), "a: Forbidden: no"],
    [notFoundField("a", "x"), 'a: Not found: "x"'],
    [tooLong("a", 63), "a: Too long: may not be more than 63 bytes"],
    [tooMany("a", 3, 1), "a: Too many: 3: must have at most 1 item"],
    [invalid("a", undefined, "no"), "a: Invalid value: null: no"],
  ];
  for (const [error, expected] of table) t.equal(fieldErrorMessage(error), expected);
  const [a, b] = [required("a"), required("b")];
  t.equal(fieldErrorsMessage([a]), "a: Required value");
  t.equal(fieldErrorsMessage([a, b, a]), "[a: Required value, b: Required value]");
  t.end();
});

t.test("messages of failures", (t) => {
  const modified =
    "the object has been modified; please apply your changes to the latest version and try again";
  const table = [
    [notFound(PODS, "web"), 404, "NotFound", 'pods "web" not found'],
    [notFound(DEPLOYMENTS, "web"), 404, "NotFound", 'deployments.apps "web" not found'],
    [alreadyExists(PODS, "web"), 409, "AlreadyExists", 'pods "web" already exists'],
    [
      conflict(PODS, "web"),
      409,
      "Conflict",
      `Operation cannot be fulfilled on pods "web": ${modified}`,
    ],
    [forbidden(PODS, "", "no"), 403, "Forbidden", "pods is forbidden: no"],
    [forbidden(PODS, "web", "no"), 403, "Forbidden", 'pods "web" is forbidden: no'],
    [badRequest("x"), 400, "BadRequest", "x"],
    [expired("x"), 410, "Expired", "x"],
    [tooOldResourceVersion("1", "5"), 410, "Expired", "too old resource version: 1 (5)"],
    [internalError("x"), 500, "InternalError", "Internal error occurred: x"],
    [requestTooLarge(5), 413, "RequestEntityTooLarge", "Request entity too large: limit is 5"],
    [tooManyRequests("x", 1), 429, "TooManyRequests", "x"],
    [
      methodNotAllowed(PODS, "create"),
      405,
      "MethodNotAllowed",
      'create is not supported on resources of kind "pods"',
    ],
  ] as const;
  for (const [status, code, reason, message] of table)
    t.match(status, { kind: "Status", status: "Failure", code, reason, message }, message);
  t.strictSame(notFound(DEPLOYMENTS, "web").details, {
    name: "web",
    group: "apps",
    kind: "deployments",
  });
  t.match(success(), { status: "Success", code: 200 });
  t.end();
});

t.test("an invalid object lists every cause", (t) => {
  const errors = [required("spec.a"), invalid("spec.b", 1, "no")];
  const status = invalidObject({ group: "apps", kind: "Deployment" }, "web", errors);
  const list = "[spec.a: Required value, spec.b: Invalid value: 1: no]";
  t.equal(status.message, `Deployment.apps "web" is invalid: ${list}`);
  t.strictSame(status.details, {
    name: "web",
    group: "apps",
    kind: "Deployment",
    causes: [
      { reason: "FieldValueRequired", message: "Required value", field: "spec.a" },
      { reason: "FieldValueInvalid", message: "Invalid value: 1: no", field: "spec.b" },
    ],
  });
  t.end();
});
