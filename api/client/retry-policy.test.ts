import t from "tap";
import { type FailedAttempt, parseRetryAfter, planRetry } from "./retry-policy.js";

const refused = (statusCode: number, retryAfterSeconds: number | null): FailedAttempt => ({
  kind: "refused",
  statusCode,
  retryAfterSeconds,
});
const lost = (sent: boolean): FailedAttempt => ({ kind: "lost", sent });

const cases: readonly [string, FailedAttempt, string, number, object | null][] = [
  ["429 with Retry-After", refused(429, 2), "POST", 0, { afterMs: 2000 }],
  ["503 with Retry-After", refused(503, 0), "PUT", 0, { afterMs: 0 }],
  ["never longer than half a minute", refused(503, 900), "GET", 0, { afterMs: 30_000 }],
  ["429 without it", refused(429, null), "GET", 0, null],
  ["500 may have had its effect", refused(500, 1), "POST", 0, null],
  ["not for ever", refused(429, 1), "POST", 10, null],
  ["never sent", lost(false), "POST", 50, { backoff: true }],
  ["sent: a write may have been carried out", lost(true), "POST", 0, null],
  ["sent: a delete too", lost(true), "DELETE", 0, null],
  ["sent: a read does no harm", lost(true), "GET", 0, { backoff: true }],
];

void t.test("what may be sent again, and when", (t) => {
  for (const [why, failed, method, attempt, expected] of cases)
    t.strictSame(planRetry(failed, method, attempt), expected, why);
  t.end();
});

void t.test("Retry-After in seconds; dates are not read", (t) => {
  t.equal(parseRetryAfter("5"), 5);
  t.equal(parseRetryAfter(undefined), null);
  t.equal(parseRetryAfter("Fri, 20 Nov 2026 12:00:00 GMT"), null);
  t.end();
});
