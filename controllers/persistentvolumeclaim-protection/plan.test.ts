import t from "tap";
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from "../../api/schema/storage/storage-names.js";
import { testClaim, testVolume } from "../../api/schema/storage/test-volumes.js";
import { controllerRef } from "../common/controller-ref.js";
import { mounts } from "../common/claim-pods.js";
import { pod } from "../common/test-objects.js";
import { planVolumeProtection } from "../persistentvolume-protection/plan.js";
import { isUser, planClaimProtection } from "./plan.js";

const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };

void t.test("a claim in active use by a pod is not removed immediately", (t) => {
  const claim = (...finalizers: readonly string[]) => testClaim("c", { meta: { finalizers } });
  const leaving = (...finalizers: readonly string[]) =>
    testClaim("c", { meta: { finalizers, ...going } });
  t.equal(planClaimProtection(claim(), false), "add");
  t.equal(planClaimProtection(claim(CLAIM_PROTECTION), false), "keep");
  t.equal(planClaimProtection(leaving(CLAIM_PROTECTION), true), "keep", "postponed");
  t.equal(planClaimProtection(leaving(CLAIM_PROTECTION), false), "remove", "no longer used");
  t.equal(planClaimProtection(leaving("example.com/own"), false), "keep", "not ours");
  t.end();
});

void t.test("a volume that is bound to a claim is not removed immediately", (t) => {
  const volume = (phase: string, finalizers: readonly string[], meta: object = {}) =>
    testVolume("v", { meta: { finalizers, ...meta }, status: { phase } });
  t.equal(planVolumeProtection(volume("Available", [])), "add");
  t.equal(planVolumeProtection(volume("Bound", [VOLUME_PROTECTION])), "keep");
  t.equal(planVolumeProtection(volume("Bound", [VOLUME_PROTECTION], going)), "keep", "postponed");
  t.equal(planVolumeProtection(volume("Released", [VOLUME_PROTECTION], going)), "remove");
  t.equal(planVolumeProtection(volume("Released", ["example.com/own"], going)), "keep");
  t.end();
});

void t.test("who uses a claim", (t) => {
  const user = pod("p", {
    spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }] },
  });
  t.ok(mounts(user, testClaim("c")));
  t.notOk(mounts(user, testClaim("d")));
  t.notOk(mounts(user, testClaim("c", { meta: { namespace: "other" } })));
  const volumes = [{ name: "v", ephemeral: { volumeClaimTemplate: { spec: {} } } }];
  const maker = pod("p", { spec: { volumes } });
  const made = testClaim("p-v", { meta: { ownerReferences: [controllerRef(maker)] } });
  t.ok(mounts(maker, made));
  t.notOk(mounts(maker, testClaim("p-v")), "one that was not made for it");
  t.ok(isUser(pod("p", { phase: "Succeeded" })), "also when it has ended");
  t.notOk(isUser(pod("p", { node: "" })), "not before it has a node");
  t.end();
});
