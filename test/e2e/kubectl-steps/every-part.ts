import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Test } from "tap";
import { requestCertificate } from "../../../deploy/pki/certificate-authority.js";
import { ACCESS_STEPS, accessFiles } from "./access-steps.js";
import { APPLY_FILES, APPLY_STEPS } from "./apply-steps.js";
import { CHANGE_FILES, CHANGE_STEPS } from "./change-steps.js";
import { DISCOVERY_FILES, DISCOVERY_STEPS } from "./discovery-steps.js";
import { GENERATOR_FILES, GENERATOR_STEPS } from "./generator-steps.js";
import { longRunningLines } from "./long-running.js";
import { NODE_FILES, NODE_STEPS } from "./node-steps.js";
import { READING_FILES, READING_STEPS } from "./reading-steps.js";
import { ROLLOUT_STEPS } from "./rollout-steps.js";
import { ServerHost } from "./server-host.js";
import { type Session, type Step, runSteps, writeFiles } from "./step.js";
import { Kubectl } from "../kubectl.js";
import type { Typist } from "./typists.js";

/** For work on one part or one version: KUBECTL_PART=rollouts KUBECTL_ONLY=1.33. */
const part = process.env["KUBECTL_PART"] ?? "";
const only = process.env["KUBECTL_ONLY"] ?? "";

/** What a kubectl does in one part; it leaves nothing behind that another part would meet. */
type Part = readonly [title: string, type: (session: Session) => Promise<void>];

const of = (steps: readonly Step[]) => (session: Session) => runSteps(session, steps);
const PARTS: readonly Part[] = [
  ["discovery and schema", of(DISCOVERY_STEPS)],
  ["patches and apply", of(APPLY_STEPS)],
  ["edit, set, label, annotate", of(CHANGE_STEPS)],
  ["get in every form", of(READING_STEPS)],
  ["generators", of(GENERATOR_STEPS)],
  ["roll-outs and scaling", of(ROLLOUT_STEPS)],
  ["roles, tokens, config", of(ACCESS_STEPS)],
  ["nodes, waiting, events, deleting", of(NODE_STEPS)],
  ["what goes on", longRunningLines],
];
/** About half of the time. */
const FIRST_HALF = 5;

/**
 * The lines are those of this kubectl and later ones. Debian 12's own is older; what it can do is
 * shown by features/kubectl-matrix.ts.
 */
const OLDEST_MINOR = 27;

/** How many kubectls work at a time on two cores: each mostly waits for the server. */
const AT_A_TIME = 4;

/**
 * Types what needs no container, with each of the kubectls, in this order: each has an API server
 * with control loops and a node that only says that its pods run. What needs containers is in
 * features/kubectl-matrix.ts.
 */
export function everyPartWith(t: Test, typists: readonly Typist[]): void {
  t.jobs = AT_A_TIME;
  const wanted = typists.filter(
    ({ version, minor }) => minor >= OLDEST_MINOR && version.includes(only),
  );
  const host = new ServerHost();
  t.teardown(() => host.close());
  for (const typist of wanted) {
    const type = (title: string, parts: readonly Part[]): void => {
      const asked = parts.filter(([name]) => name.includes(part));
      if (asked.length === 0) return;
      void t.test(`kubectl ${typist.version}${title}`, (t) =>
        typeParts(t, asked, { typist, host }),
      );
    };
    if (!typist.thorough) type("", PARTS);
    else {
      // One after the other they would take longer than all other kubectls.
      type(", first half", PARTS.slice(0, FIRST_HALF));
      type(", second half", PARTS.slice(FIRST_HALF));
    }
  }
  if (wanted.length === 0) t.pass("no kubectl of these versions on this computer");
}

async function typeParts(
  t: Test,
  parts: readonly Part[],
  { typist, host }: { readonly typist: Typist; readonly host: ServerHost },
): Promise<void> {
  const server = await host.start();
  t.teardown(() => server.stop());
  const kubectl = new Kubectl(typist.path, { kubeconfig: server.kubeconfig, home: server.dir });
  const files = join(server.dir, "files");
  const { requestPem } = await requestCertificate({ commonName: "ann", ipAddresses: [] });
  await writeFiles(files, {
    ...accessFiles(requestPem),
    ...DISCOVERY_FILES,
    ...APPLY_FILES,
    ...CHANGE_FILES,
    ...READING_FILES,
    ...GENERATOR_FILES,
    ...NODE_FILES,
    "tls.crt": await readFile(server.certFile),
    "tls.key": await readFile(server.keyFile),
  });
  const session = { ...typist, kubectl, files };
  for (const [title, type] of parts) await t.test(title, (t) => type({ ...session, t }));
}
