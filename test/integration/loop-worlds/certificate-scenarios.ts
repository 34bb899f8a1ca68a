import { CERTIFICATE_SIGNING_REQUESTS } from "../../../api/client/resource-types.js";
import { isApproved, isHandled } from "../../../controllers/certificates/signer-rules.js";
import { requestCertificate } from "../../../deploy/pki/certificate-authority.js";
import { create, laterClock, type Scenario } from "./scenario.js";
import type { World } from "./world.js";

const askFor = async (
  world: World,
  name: string,
  { usages, asNode = false }: { usages: readonly string[]; asNode?: boolean },
): Promise<string> => {
  const subject = asNode
    ? { commonName: `system:node:${name}`, organizations: ["system:nodes"] }
    : { commonName: "ann" };
  const { requestPem } = await requestCertificate({ ...subject, ipAddresses: [] });
  const spec = {
    request: Buffer.from(requestPem).toString("base64"),
    signerName: `kubernetes.io/kube-apiserver-client${asNode ? "-kubelet" : ""}`,
    usages,
  };
  const { metadata } = await create(world, CERTIFICATE_SIGNING_REQUESTS, { name, spec });
  return metadata.name;
};
const approve = async (world: World, name: string): Promise<void> => {
  const condition = { type: "Approved", status: "True", reason: "Test" };
  const patch = { status: { conditions: [condition] } } as never;
  const options = { type: "merge", subresource: "approval" } as const;
  await world.admin.resource(CERTIFICATE_SIGNING_REQUESTS).patch(name, patch, options);
};
const certificateSigning: Scenario = {
  kinds: [CERTIFICATE_SIGNING_REQUESTS],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        await approve(world, await askFor(world, "good", { usages: ["client auth"] }));
        await approve(
          world,
          await askFor(world, "bad", { usages: ["client auth", "server auth"] }),
        );
      },
      reached: (world) => world.of(CERTIFICATE_SIGNING_REQUESTS).filter(isHandled).length === 2,
    },
  ],
};
const certificateCleaner: Scenario = {
  kinds: [CERTIFICATE_SIGNING_REQUESTS],
  clock: laterClock(2 * 86_400_000),
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        for (const name of ["one", "two"]) await askFor(world, name, { usages: ["client auth"] });
      },
      reached: (world) => world.of(CERTIFICATE_SIGNING_REQUESTS).length === 0,
    },
  ],
};

const certificateApproving: Scenario = {
  kinds: [CERTIFICATE_SIGNING_REQUESTS],
  writesMin: 2,
  steps: [
    {
      act: async (world) => {
        const usages = ["digital signature", "client auth"];
        for (const name of ["one", "two"]) await askFor(world, name, { usages, asNode: true });
        await askFor(world, "person", { usages });
      },
      reached: (world) => world.of(CERTIFICATE_SIGNING_REQUESTS).filter(isApproved).length === 2,
    },
  ],
};

/** A story for each loop about certificates. */
export const CERTIFICATE_SCENARIOS = {
  "certificatesigningrequest-approving-controller": certificateApproving,
  "certificatesigningrequest-signing-controller": certificateSigning,
  "certificatesigningrequest-cleaner-controller": certificateCleaner,
} as const;
