import { readFile } from "node:fs/promises";
import type { CertificateSigner } from "../../controllers/certificates/signer-rules.js";
import type { KeyPair } from "./certificate-authority.js";
import { signing } from "./signing.js";

/** Signs with the authority in these files, read when it is asked to. */
export function certificateSigner(files: {
  readonly caFile: string;
  readonly caKeyFile: string;
}): CertificateSigner {
  const pair = async (): Promise<KeyPair> => ({
    certificatePem: await readFile(files.caFile, "utf8"),
    keyPem: await readFile(files.caKeyFile, "utf8"),
  });
  return signerOf(pair);
}

/** As certificateSigner, with the authority itself. */
export function signerOf(pair: () => Promise<KeyPair>): CertificateSigner {
  return {
    read: async (requestPem) => (await signing()).readRequest(requestPem),
    sign: async (requestPem, { usages, seconds }) => {
      const { CertificateAuthority, readRequest } = await signing();
      const authority = await CertificateAuthority.open(await pair());
      const content = await readRequest(requestPem);
      if (content === null) throw new Error("a request was signed for that cannot be read");
      const purposes = [
        ...(usages.includes("client auth") ? (["client"] as const) : []),
        ...(usages.includes("server auth") ? (["server"] as const) : []),
      ];
      const validDays = seconds / 86_400;
      const { commonName, organizations, dnsNames, ipAddresses } = content;
      const leaf = { commonName, organizations, dnsNames, usages: purposes, validDays };
      const mayHave = (address: string): boolean => ipAddresses.includes(address);
      return authority.signRequest(requestPem, leaf, { mayHave, nowMs: Date.now() });
    },
  };
}
