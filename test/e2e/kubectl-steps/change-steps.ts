import { type Step, nuance, refused, step } from "./step.js";

const CONFIG_MAP = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: note\ndata:\n  a: "${data}"\n`;
const ENV = "-o jsonpath={range..containers[0].env[*]}{.name}={.value};{end}";

const EDITING: readonly Step[] = [
  nuance(refused("replace -f FILES/note.yaml", /configmaps "note" not found/u)),
  step("create --save-config -f FILES/note.yaml", /configmap\/note created/u),
  nuance(refused("create -f FILES/note.yaml", /AlreadyExists.*configmaps "note" already exists/u)),
  step("replace -f FILES/note-2.yaml", /configmap\/note replaced/u),
  nuance(step("get cm note -o jsonpath={.data.a}", /^2$/u)),
  step("replace --force -f FILES/note.yaml", /"note" (force )?deleted[^]*note replaced/u),
  step("edit configmap note", /configmap\/note edited/u, {
    env: { KUBE_EDITOR: "FILES/edit.sh" },
  }),
  step("get cm note -o jsonpath={.data.a}", /^edited$/u),
  nuance(
    step("edit configmap note", /Edit cancelled, no changes made/u, {
      env: { KUBE_EDITOR: "true" },
    }),
  ),
  nuance(
    step("edit cm note -o json", /"a": "1"/u, {
      env: { KUBE_EDITOR: "FILES/edit-back.sh" },
    }),
  ),
  // The editor is opened again with the reason, and saves nothing better.
  nuance(
    refused("edit cm note", /configmaps "note" is invalid[^]*no valid changes were saved/u, {
      env: { KUBE_EDITOR: "FILES/edit-badly.sh" },
    }),
  ),
  nuance(step("get cm note -o jsonpath={.data.a}", /^1$/u)),
  // The loop writes this status as well: what counts is that the change arrives.
  nuance(
    step("edit deployment web --subresource=status", /deployment\.apps\/web edited/u, {
      env: { KUBE_EDITOR: "FILES/edit-status.sh" },
    }),
  ),
];

const SETTING: readonly Step[] = [
  step("set image deployment/web nginx=nginx:2", /deployment\.apps\/web image updated/u),
  nuance(step("set image deployment/web *=nginx:3", /web image updated/u)),
  nuance(step("set image deploy -l app=web nginx=nginx:4", /web image updated/u)),
  nuance(
    refused("set image deployment/web none=nginx:2", /unable to find container named "none"/u),
  ),
  nuance(step("get deploy web -o jsonpath={..image}", /^nginx:4$/u)),
  nuance(step("set image -f FILES/pod.yaml c=busybox:9 --local -o yaml", /image: busybox:9/u)),
  nuance(step("set image deployment/web nginx=nginx:5 --dry-run=server", /\(server dry run\)/u)),
  step("set env deployment/web A=B C=D", /deployment\.apps\/web env updated/u),
  nuance(step("set env deployment/web --from=configmap/note --prefix=N_", /env updated/u)),
  nuance(step("set env deployment/web C-", /env updated/u)),
  nuance(step("set env deployment/web --list", /^A=B\n# N_A from configmap note, key a$/mu)),
  nuance(step("set env deployment/web --list --resolve", /^N_A=1$/mu)),
  nuance(step(`get deploy web ${ENV}`, /^A=B;N_A=;$/u)),
  step(
    "set resources deployment/web --limits=cpu=200m,memory=64Mi --requests=cpu=100m",
    /resource requirements updated/u,
  ),
  nuance(step("get deploy web -o jsonpath={..resources.limits.cpu}", /^200m$/u)),
  step("create service clusterip cip --tcp=80:8080", /service\/cip created/u),
  step("set selector service/cip app=other", /service\/cip selector updated/u),
  nuance(step("get svc cip -o jsonpath={.spec.selector.app}", /^other$/u)),
  step("create serviceaccount robot", /serviceaccount\/robot created/u),
  step("set serviceaccount deployment/web robot", /web serviceaccount updated/u),
  nuance(step("get deploy web -o jsonpath={..serviceAccountName}", /^robot$/u)),
  step("create rolebinding people --clusterrole=view --user=ann", /people created/u),
  step(
    "set subject rolebinding people --user=bea --group=dev --serviceaccount=default:robot",
    /people subjects updated/u,
  ),
  nuance(step("get rolebinding people -o wide", /ann, bea +dev +default\/robot/u)),
];

const LABELLING: readonly Step[] = [
  step("label cm note tier=front", /configmap\/note labeled/u),
  nuance(step("label cm note tier=front", /configmap\/note not labeled/u)),
  nuance(
    refused("label cm note tier=back", /already has a value \(front\), and --overwrite is false/u),
  ),
  nuance(step("label --overwrite cm note tier=back", /configmap\/note labeled/u)),
  nuance(step("label cm note --list", /^tier=back$/mu)),
  nuance(step("label cm -l tier=back more=yes", /configmap\/note labeled/u)),
  nuance(step("label cm --all every=one", /configmap\/kube-root-ca\.crt labeled/u)),
  nuance(refused("label cm note bad='a b'", /invalid label value/u)),
  nuance(refused("label cm note x=y --resource-version=1", /Conflict|object has been modified/u)),
  nuance(step("label cm note tier- none-", /note unlabeled|label "none" not found/u)),
  nuance(step("get cm -l every=one,!tier -o name", /configmap\/note/u)),
  step("annotate deployment web note=hello", /deployment\.apps\/web annotated?/u),
  nuance(refused("annotate deployment web note=other", /--overwrite is false/u)),
  nuance(step("annotate deployment web note=other --overwrite", /web annotated?/u)),
  nuance(step("annotate deployment web --list", /^note=other$/mu)),
  nuance(step("annotate deployment web note-", /web annotated?/u)),
  nuance(step("annotate cm --all --dry-run=server a=b", /\(server dry run\)/u)),
];

/** Edits, `set`, labels and annotations of what is there. */
export const CHANGE_STEPS: readonly Step[] = [
  step("create deployment web --image=nginx --replicas=1", /web created/u),
  ...EDITING,
  ...SETTING,
  ...LABELLING,
  step("delete deployment/web svc/cip sa/robot rolebinding/people cm/note", /"people" deleted/u),
];

export const CHANGE_FILES: Readonly<Record<string, string>> = {
  "note.yaml": CONFIG_MAP("1"),
  "note-2.yaml": CONFIG_MAP("2"),
  "pod.yaml":
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: busybox}]}\n",
  "edit.sh": '#!/bin/sh\nsed -i \'s/  a: "1"/  a: edited/\' "$1"\n',
  "edit-back.sh": '#!/bin/sh\nsed -i \'s/"a": "edited"/"a": "1"/\' "$1"\n',
  "edit-badly.sh": '#!/bin/sh\nsed -i \'s/^  a: "1"/  a: [1]/\' "$1"\n',
  "edit-status.sh":
    "#!/bin/sh\nsed -i 's/  observedGeneration: .*/  observedGeneration: 99/' \"$1\"\n",
};
