/** Bases of certificates that tests use: their keys are gone. */
const AUTHORITY = [
  "MIIBcDCCARegAwIBAgIUVoNWerQnsKm9jGRd8ffJIpp+3pIwCgYIKoZIzj0EAwIw",
  "DTELMAkGA1UEAwwCY2EwIBcNMjYxMTI5MjEwOTA3WhgPMjEyNjExMDUyMTA5MDda",
  "MA0xCzAJBgNVBAMMAmNhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/PMgKe0W",
  "YwbGEc5bvX0Agr+A+s7quUBm+YZg5U+rFU2k2DfcYnz8he/0ReqpfxVULyJ6Jvph",
  "eEITnSmMArgLbqNTMFEwHQYDVR0OBBYEFMpcxfig+oWFmasNcmNWzYLODecDMB8G",
  "A1UdIwQYMBaAFMpcxfig+oWFmasNcmNWzYLODecDMA8GA1UdEwEB/wQFMAMBAf8w",
  "CgYIKoZIzj0EAwIDRwAwRAIgdQFK1on5pGH21FZCeaDHnKj5yQYP6U01+9YBkPGe",
  "1A0CIEY2UkDC+YEHKBzIHk/ZXcOQunplXtBc49nMjNNKnJVb",
];
const LEAF = [
  "MIIBcTCCARigAwIBAgIUGR53fle9RwUzYg/+uhnwmXzRJhcwCgYIKoZIzj0EAwIw",
  "DzENMAsGA1UEAwwEbGVhZjAgFw0yNjExMjkyMTA5MDdaGA8yMTI2MTEwNTIxMDkw",
  "N1owDzENMAsGA1UEAwwEbGVhZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMTW",
  "wjJjpv5Ys/g4AywGyqN1kPfaloqUOK5zPAXmqsDTarf/QlNAz3WrmS1iZ9ZSt5JQ",
  "OWEqMv2HEHHT7Xti/TGjUDBOMB0GA1UdDgQWBBSWGeiYNRohR2C8dLs17kr9BSlp",
  "kTAfBgNVHSMEGDAWgBSWGeiYNRohR2C8dLs17kr9BSlpkTAMBgNVHRMBAf8EAjAA",
  "MAoGCCqGSM49BAMCA0cAMEQCIAXSnQNuQui/MtxTv3m5z3VhaCWZ58IgPleYxcEg",
  "buiyAiAbX4UudA7ZEwnO+S/e5gciYpBCY2v1uXerIlxT6Hw38A==",
];

/** A block of PEM. */
export function pemOf(type: string, lines: readonly string[]): string {
  return `-----BEGIN ${type}-----\n${lines.join("\n")}\n-----END ${type}-----\n`;
}

/** A certificate of an authority, CN=ca, good until 2126. */
export const AUTHORITY_PEM = pemOf("CERTIFICATE", AUTHORITY);

/** A certificate that is no authority's, CN=leaf. */
export const LEAF_PEM = pemOf("CERTIFICATE", LEAF);
