import t from "tap";
import { ManualClock } from "../../base/clock.js";
import { LeaseClock } from "./lease-clock.js";
import type { Lease } from "./mvcc.js";

function lease(id: number, ttlMs: number): Lease {
  return { id, ttlMs, keys: new Set() };
}

function leases() {
  const clock = new ManualClock();
  const expired: number[] = [];
  return { clock, expired, own: new LeaseClock(clock, (id) => expired.push(id)) };
}

void t.test("a lease runs out once, in its time", async (t) => {
  const { clock, expired, own } = leases();
  own.granted(1, 1000);
  own.granted(2, 500);
  clock.advance(499);
  t.same(expired, []);
  clock.advance(51);
  t.same(expired, [2]);
  clock.advance(500);
  t.same(expired, [2, 1]);
  t.equal(own.keepAlive(lease(1, 1000)), null, "what is being revoked is not renewed");
  clock.advance(10_000);
  t.same(expired, [2, 1]);
});

void t.test("a lease that is kept alive lives", async (t) => {
  const { clock, expired, own } = leases();
  own.granted(1, 1000);
  for (let i = 0; i < 10; i += 1) {
    clock.advance(900);
    t.equal(own.keepAlive(lease(1, 1000)), 1000);
  }
  t.same(expired, []);
  t.same(own.statusOf(lease(1, 1000)), { id: 1, grantedTtlMs: 1000, remainingMs: 1000 });
  clock.advance(1050);
  t.same(expired, [1]);
});

void t.test("a new leader gives every lease its full time again", async (t) => {
  const { clock, expired, own } = leases();
  own.granted(1, 1000);
  clock.advance(900);
  own.stop();
  own.start([lease(1, 1000), lease(2, 300)]);
  clock.advance(900);
  t.same(expired, [2]);
  clock.advance(150);
  t.same(expired, [2, 1]);
});

void t.test("a revocation that did not happen is tried again", async (t) => {
  const { clock, expired, own } = leases();
  own.granted(1, 100);
  clock.advance(150);
  own.retry(1, 1000);
  clock.advance(1050);
  t.same(expired, [1, 1]);
  own.revoked(1);
  clock.advance(10_000);
  t.same(expired, [1, 1]);
});
