import { CertificateAuthority, type KeyPair } from "../../deploy/pki/certificate-authority.js";
import { signerOf } from "../../deploy/pki/certificate-signer.js";
import type { CertificateSigner } from "../../controllers/certificates/signer-rules.js";

/** A signer with an authority of its own, made when it is first asked. */
export function testSigner(): CertificateSigner & { authority(): Promise<KeyPair> } {
  let made: Promise<KeyPair> | null = null;
  const authority = (): Promise<KeyPair> => {
    made ??= CertificateAuthority.create("test-signer", Date.now());
    return made;
  };
  return { ...signerOf(authority), authority };
}
