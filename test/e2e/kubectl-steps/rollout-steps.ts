import { type Step, nuance, refused, step } from "./step.js";

const DEPLOY = "deployment/roll";
const IMAGES = "get rs -l app=roll -o jsonpath={.items[*].spec.template.spec.containers[0].image}";
const IMAGE = "get deployment roll -o jsonpath={.spec.template.spec.containers[0].image}";

const REVISIONS: readonly Step[] = [
  step("create deployment roll --image=one --replicas=3", /roll created/u),
  step(`rollout status ${DEPLOY} --timeout=60s`, /"roll" successfully rolled out/u),
  step(`rollout history ${DEPLOY}`, /REVISION +CHANGE-CAUSE\n1 +<none>/u),
  step(`set image ${DEPLOY} one=two`, /image updated/u),
  nuance(step(`annotate ${DEPLOY} kubernetes.io/change-cause='the second'`, /annotated?/u)),
  step(`rollout status ${DEPLOY} --timeout=60s`, /successfully rolled out/u),
  nuance(step(`rollout history ${DEPLOY}`, /^1 +<none>\n2 +the second$/mu, { soon: true })),
  step(`rollout history ${DEPLOY} --revision=1`, /revision #1[^]*Image:\s+one/u),
  nuance(step(`rollout history ${DEPLOY} --revision=2`, /revision #2[^]*Image:\s+two/u)),
  nuance(step(`rollout history ${DEPLOY} --revision=2 -o yaml`, /image: two/u)),
  nuance(
    refused(`rollout history ${DEPLOY} --revision=9`, /unable to find the specified revision/u),
  ),
  nuance(step(`rollout undo ${DEPLOY} --dry-run=server`, /roll Pod Template|roll rolled back/u)),
  step(`rollout undo ${DEPLOY}`, /roll rolled back/u),
  step(`rollout status ${DEPLOY} --timeout=60s`, /successfully rolled out/u),
  nuance(step(IMAGE, /^one$/u)),
  nuance(step(`rollout history ${DEPLOY}`, /^2 +the second\n3 +<none>$/mu, { soon: true })),
  step(`rollout undo ${DEPLOY} --to-revision=2`, /roll rolled back/u),
  nuance(step(IMAGE, /^two$/u)),
  nuance(
    refused(`rollout undo ${DEPLOY} --to-revision=99`, /unable to find specified revision 99/u),
  ),
  step(`rollout status ${DEPLOY} --timeout=60s`, /successfully rolled out/u),
];

const PAUSING: readonly Step[] = [
  nuance(step(IMAGES, /^(one two|two one)$/u)),
  step(`rollout pause ${DEPLOY}`, /roll paused/u),
  nuance(refused(`rollout pause ${DEPLOY}`, /is already paused/u)),
  nuance(step(`set image ${DEPLOY} one=three`, /image updated/u)),
  nuance(step(`set env ${DEPLOY} A=B`, /env updated/u)),
  nuance(step(`set resources ${DEPLOY} --requests=cpu=1m`, /resource requirements updated/u)),
  step(`scale ${DEPLOY} --replicas=2`, /scaled/u),
  // The loop has seen all of it, and made nothing of it but the scaling.
  nuance(
    step(
      "get deployment roll -o jsonpath={.metadata.generation}:{.status.observedGeneration}:{.status.replicas}",
      /^(\d+):\1:2$/u,
      { soon: true },
    ),
  ),
  nuance(step(IMAGES, /^(one two|two one)$/u)),
  nuance(refused(`rollout undo ${DEPLOY}`, /cannot rollback a paused deployment/u)),
  nuance(refused(`rollout restart ${DEPLOY}`, /can't restart paused deployment/u)),
  step(`rollout resume ${DEPLOY}`, /roll resumed/u),
  nuance(refused(`rollout resume ${DEPLOY}`, /is not paused/u)),
  step(`rollout status ${DEPLOY} --timeout=60s`, /successfully rolled out/u),
  nuance(step("get rs -l app=roll -o go-template='{{len .items}}'", /^3$/u)),
  nuance(step(`${IMAGES.replace("[0]", "[*]")}`, /three/u)),
];

const BAD: readonly Step[] = [
  step(`rollout restart ${DEPLOY}`, /roll restarted/u),
  step(`rollout status ${DEPLOY} --timeout=60s`, /successfully rolled out/u),
  nuance(step("rollout restart deployment -l app=roll", /roll restarted/u, { soon: true })),
  nuance(step(`rollout status ${DEPLOY} --watch=false`, /Waiting for deployment|rolled out/u)),
  nuance(step(`rollout status ${DEPLOY} --timeout=60s`, /successfully rolled out/u)),
  nuance(
    step(
      "get deployment roll -o jsonpath={..annotations}",
      /kubectl\.kubernetes\.io\/restartedAt/u,
    ),
  ),
  // A node that never gets this image to run: the old pods stay.
  nuance(step(`set image ${DEPLOY} one=bad`, /image updated/u)),
  nuance(refused(`rollout status ${DEPLOY} --timeout=1s`, /timed out waiting for the condition/u)),
  nuance(step(`patch ${DEPLOY} -p '{"spec":{"progressDeadlineSeconds":1}}'`, /patched/u)),
  nuance(refused(`rollout status ${DEPLOY} --timeout=60s`, /exceeded its progress deadline/u)),
  nuance(step("get deployment roll", /roll +2\/2 +1 +2 /u)),
  nuance(step(`rollout undo ${DEPLOY}`, /roll rolled back/u)),
  nuance(step(`rollout status ${DEPLOY} --timeout=60s`, /successfully rolled out/u)),
];

const SCALING: readonly Step[] = [
  step(`scale ${DEPLOY} --replicas=1 --current-replicas=2`, /roll scaled/u),
  nuance(
    refused(
      `scale ${DEPLOY} --replicas=3 --current-replicas=2`,
      /Expected replicas to be 2, was 1/u,
    ),
  ),
  nuance(
    refused(
      `scale ${DEPLOY} --replicas=3 --resource-version=1`,
      /Expected resource version to be 1/u,
    ),
  ),
  nuance(step("create deployment roll-2 --image=one", /roll-2 created/u)),
  nuance(step(`scale ${DEPLOY} deployment/roll-2 --replicas=2`, /roll scaled\n.*roll-2 scaled/u)),
  nuance(step("scale deployment --all --replicas=0 --timeout=60s", /roll-2 scaled/u)),
  nuance(step("get pods", /No resources found|Terminating/u, { soon: true })),
  nuance(step("scale deploy/roll-2 --replicas=4 --dry-run=server", /\(server dry run\)/u)),
  nuance(refused("scale deployment none --replicas=1", /no objects passed to scale|not found/u)),
  step("delete deployment --all", /"roll" deleted/u),
];

/** rollout status, history, undo, pause, resume, restart; scale. */
export const ROLLOUT_STEPS: readonly Step[] = [...REVISIONS, ...PAUSING, ...BAD, ...SCALING];
