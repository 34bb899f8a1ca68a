import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ClusterTrustBundle } from "../../api/schema/types/certificates-v1beta1.gen.js";
import type {
  ClusterTrustBundleProjection,
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  Secret,
} from "../../api/schema/types/core-v1.gen.js";
import { fieldPathValue, type PodAddresses } from "../plan/field-path.js";

/** One file of a volume made from objects of the API. */
export interface PayloadFile {
  readonly content: Uint8Array;
  readonly mode: number;
}

/** Paths inside the volume to what stands there. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** The files, or the sentence that says why the volume cannot be mounted now. */
export type PayloadResult =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly message: string };

interface KeyedSource {
  readonly items?: readonly KeyToPath[] | undefined;
  readonly defaultMode?: number | undefined;
  readonly optional?: boolean | undefined;
}

/** Of a file whose volume says nothing. */
export const DEFAULT_MODE = 0o644;

/** The files of a ConfigMap; null as `map`: there is none of that name. */
export function configMapPayload(
  map: ConfigMap | null,
  source: KeyedSource & { readonly name?: string | undefined },
  namespace: string,
): PayloadResult {
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(map?.data ?? {})) data.set(key, Buffer.from(text));
  for (const [key, text] of Object.entries(map?.binaryData ?? {}))
    data.set(key, Buffer.from(text, "base64"));
  const what = { kind: "configmap", name: source.name ?? "", namespace, there: map !== null };
  return keyedPayload(data, source, what);
}

/** The files of a Secret; null as `secret`: there is none of that name. */
export function secretPayload(
  secret: Secret | null,
  source: KeyedSource & { readonly name?: string | undefined },
  namespace: string,
): PayloadResult {
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(secret?.data ?? {}))
    data.set(key, Buffer.from(text, "base64"));
  const what = { kind: "secret", name: source.name ?? "", namespace, there: secret !== null };
  return keyedPayload(data, source, what);
}

function keyedPayload(
  data: ReadonlyMap<string, Uint8Array>,
  source: KeyedSource,
  what: {
    readonly kind: string;
    readonly name: string;
    readonly namespace: string;
    readonly there: boolean;
  },
): PayloadResult {
  if (!what.there && source.optional !== true)
    return { ok: false, message: `${what.kind} "${what.name}" not found` };
  const mode = source.defaultMode ?? DEFAULT_MODE;
  const payload = new Map<string, PayloadFile>();
  if (source.items === undefined || source.items.length === 0) {
    for (const [key, content] of data) payload.set(key, { content, mode });
    return { ok: true, payload };
  }
  for (const item of source.items) {
    const content = data.get(item.key);
    if (content !== undefined) payload.set(item.path, { content, mode: item.mode ?? mode });
    else if (source.optional !== true) {
      const kind = what.kind === "configmap" ? "ConfigMap" : "Secret";
      const where = `${what.namespace}/${what.name}`;
      return { ok: false, message: `${kind} ${where} references non-existent key: ${item.key}` };
    }
  }
  return { ok: true, payload };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

/**
 * The one file of a clusterTrustBundle source (KEP-3257): the certificates of the bundle that it
 * names, or of all those of its signer that its selector matches, each once.
 */
export function trustBundlePayload(
  bundles: readonly ClusterTrustBundle[],
  source: ClusterTrustBundleProjection,
  defaultMode: number | undefined,
): PayloadResult {
  const { name, signerName, labelSelector, optional, path } = source;
  const selector = selectorOrNothing(labelSelector);
  const chosen = bundles
    .filter(({ metadata, spec }) => {
      if (name !== undefined) return metadata.name === name;
      return spec.signerName === signerName && selector.matches(metadata.labels ?? {});
    })
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  if (chosen.length === 0 && optional !== true) {
    const message =
      name === undefined
        ? `combination of signerName and labelSelector matched zero ClusterTrustBundles`
        : `clustertrustbundles.certificates.k8s.io ${JSON.stringify(name)} not found`;
    return { ok: false, message };
  }
  const found = chosen.flatMap(({ spec }) => spec.trustBundle.match(CERTIFICATE) ?? []);
  const text = [...new Set(found)].map((block) => `${block}\n`).join("");
  const file = { content: Buffer.from(text), mode: defaultMode ?? DEFAULT_MODE };
  return { ok: true, payload: new Map([[path, file]]) };
}

/** The files of a downwardAPI volume. */
export function downwardPayload(
  pod: Pod,
  source: {
    readonly items?: readonly DownwardAPIVolumeFile[] | undefined;
    readonly defaultMode?: number | undefined;
  },
  context: PodAddresses & {
    readonly resourceValue: (
      container: string,
      resource: string,
      divisor: string | undefined,
    ) => string | null;
  },
): PayloadResult {
  const payload = new Map<string, PayloadFile>();
  for (const item of source.items ?? []) {
    const { fieldRef, resourceFieldRef } = item;
    const value =
      fieldRef === undefined
        ? context.resourceValue(
            resourceFieldRef?.containerName ?? "",
            resourceFieldRef?.resource ?? "",
            resourceFieldRef?.divisor,
          )
        : fieldPathValue(pod, fieldRef.fieldPath, context);
    if (value === null)
      return { ok: false, message: `unsupported downward API item "${item.path}"` };
    const mode = item.mode ?? source.defaultMode ?? DEFAULT_MODE;
    payload.set(item.path, { content: Buffer.from(value), mode });
  }
  return { ok: true, payload };
}
