import t from "tap";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";
import { denialOf, parseReviewAnswer, reviewVersionOf } from "./admission-review.js";

const review = (response: JsonValue, version = "v1"): JsonObject => ({
  apiVersion: `admission.k8s.io/${version}`,
  kind: "AdmissionReview",
  response,
});
const base64 = (value: JsonValue): string => Buffer.from(JSON.stringify(value)).toString("base64");
const PATCH = base64([{ op: "add", path: "/data", value: {} }]);
const mutating = { version: "v1", uid: "1", mutating: true } as const;
const validating = { ...mutating, mutating: false };

t.test("the version that both speak", (t) => {
  t.equal(reviewVersionOf(["v2", "v1beta1", "v1"]), "v1beta1");
  t.equal(reviewVersionOf(["v1", "v1beta1"]), "v1");
  t.equal(reviewVersionOf(["v2"]), null);
  t.end();
});

t.test("answers, and what is wrong with others", (t) => {
  t.match(parseReviewAnswer(review({ uid: "1", allowed: true }), mutating), {
    allowed: true,
    patch: null,
    warnings: [],
  });
  const patched = { uid: "1", allowed: true, patch: PATCH, patchType: "JSONPatch" };
  t.match(parseReviewAnswer(review({ ...patched, warnings: ["w"] }), mutating), {
    patch: [{ op: "add", path: "/data", value: {} }],
    warnings: ["w"],
  });
  const empty = { ...patched, patch: base64([]) };
  t.match(parseReviewAnswer(review(empty), mutating), { patch: null });
  const wrong: readonly [answer: JsonValue, text: RegExp][] = [
    [review(null), /^webhook response was absent$/u],
    [review({ uid: "1" }, "v1beta1"), /^expected webhook response of admission.k8s.io\/v1, Kind=/u],
    [review({ uid: "2", allowed: true }), /^expected response.uid="1", got "2"$/u],
    [review({ ...patched, patchType: null }), /returned response.patch but not response.patchTyp/u],
    [review({ ...patched, patch: "" }), /returned response.patchType but not response.patch$/u],
    [review({ ...patched, patchType: "Merge" }), /^unsupported patch type "Merge"$/u],
    [review({ ...patched, patch: "{" }), /^received undecodable patch/u],
    [[], /^expected webhook response/u],
  ];
  for (const [answer, text] of wrong) t.match(parseReviewAnswer(answer, mutating), text);
  const text = "validating webhook may not return response.patch";
  t.equal(parseReviewAnswer(review(patched), validating), text);
  const old = { version: "v1beta1", uid: "1", mutating: true } as const;
  const bare = { allowed: true, patch: PATCH };
  t.match(parseReviewAnswer(review(bare, "v1beta1"), old), { allowed: true, patch: [{}] });
  t.end();
});

t.test("how a denial is told", (t) => {
  const of = (status: JsonObject | null): object => {
    const { code, message, reason, status: word } = denialOf("a.b.c", status);
    return { code, message, reason, word };
  };
  const denied = 'admission webhook "a.b.c" denied the request';
  const word = "Failure";
  t.same(of(null), { code: 400, message: `${denied} without explanation`, reason: "", word });
  t.same(of({ message: "no", code: 200, status: "Success" }), {
    code: 400,
    message: `${denied}: no`,
    reason: "",
    word,
  });
  t.same(of({ reason: "Forbidden", code: 403 }), {
    code: 403,
    message: `${denied}: Forbidden`,
    reason: "Forbidden",
    word,
  });
  t.end();
});
