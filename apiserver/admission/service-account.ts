import { validateDns1123Subdomain } from "../../api/machinery/names.js";
import { forbidden } from "../../api/machinery/status.js";
import type {
  Container,
  Pod,
  PodSpec,
  ServiceAccount,
  Volume,
} from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Random } from "../../base/random.js";
import { generateName } from "../handlers/generate-name.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import type { AdmissionAttributes, AdmissionPlugin } from "./admission.js";

const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
const SERVICE_ACCOUNTS = { group: "", resource: "serviceaccounts" };
const PODS = { group: "", resource: "pods" };
const DEFAULT_ACCOUNT = "default";
const VOLUME_PREFIX = "kube-api-access-";
const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
/** One hour, and what an agent's clock may be off: it asks for a new one long before. */
const TOKEN_SECONDS = 3_607;
const FILE_MODE = 0o644;

export interface ServiceAccountAdmissionDeps {
  /** May be a little old: an account it does not know is asked for again by `newest`. */
  readonly cached: ObjectReader;
  readonly newest: ObjectReader;
  readonly random: Random;
  /** Makes the account that every namespace has, when the loop that does so has not come to it. */
  readonly createDefault: (namespace: string) => Promise<void>;
}

/**
 * Gives a pod the identity it runs under: its account (`default` where it names none), the pull
 * secrets of that, and a volume with what it takes to call the API.
 */
export class ServiceAccountAdmission implements AdmissionPlugin {
  readonly name = "ServiceAccount";
  private readonly deps: ServiceAccountAdmissionDeps;

  constructor(deps: ServiceAccountAdmissionDeps) {
    this.deps = deps;
  }

  async mutate(
    object: KubernetesObject,
    attributes: AdmissionAttributes,
  ): Promise<KubernetesObject> {
    const { kind, operation, subresource, namespace } = attributes;
    if (kind.kind !== "Pod" || operation !== "CREATE" || subresource !== "") return object;
    const pod = object as Pod;
    // The API knows a mirror pod's account as little as the node that made it.
    if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return object;
    const named = pod.spec.serviceAccountName ?? pod.spec.serviceAccount ?? "";
    const name = named === "" ? DEFAULT_ACCOUNT : named;
    // No account can be called so: validation says why.
    const possible = validateDns1123Subdomain(name).length === 0;
    const account = possible ? await this.accountOf(attributes, namespace, name) : null;
    const spec = withAccount(
      { ...pod.spec, serviceAccountName: name, serviceAccount: name },
      account,
    );
    return { ...pod, spec: mountsToken(spec, account) ? this.withToken(spec) : spec } as Pod;
  }

  /** Null for the default account of a namespace that cannot have one now. Throws 403. */
  private async accountOf(
    attributes: AdmissionAttributes,
    namespace: string,
    name: string,
  ): Promise<ServiceAccount | null> {
    const found = await this.find(namespace, name);
    if (found !== null) return found;
    if (name === DEFAULT_ACCOUNT) {
      if (!attributes.dryRun) await this.deps.createDefault(namespace);
      return this.find(namespace, name);
    }
    const text =
      `error looking up service account ${namespace}/${name}: serviceaccount ` +
      `${JSON.stringify(name)} not found`;
    throw new ApiFailure(forbidden(PODS, attributes.name, text));
  }

  private async find(namespace: string, name: string): Promise<ServiceAccount | null> {
    const at = { namespace, name };
    const known = (await this.deps.cached.get(SERVICE_ACCOUNTS, at)) as ServiceAccount | null;
    if (known !== null) return known;
    return (await this.deps.newest.get(SERVICE_ACCOUNTS, at)) as ServiceAccount | null;
  }

  /** Mounts the token into every container that has nothing of its own at that place. */
  private withToken(spec: PodSpec): PodSpec {
    const { volumes = [] } = spec;
    const known = volumes.find(({ name }) => name.startsWith(VOLUME_PREFIX));
    const name = known?.name ?? generateName(VOLUME_PREFIX, this.deps.random);
    const mount = (container: Container): Container => {
      const { volumeMounts = [] } = container;
      if (volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH)) return container;
      const added = { name, mountPath: MOUNT_PATH, readOnly: true };
      return { ...container, volumeMounts: [...volumeMounts, added] };
    };
    const containers = spec.containers.map(mount);
    const initContainers = spec.initContainers?.map(mount);
    const needed =
      containers.some((container, index) => container !== spec.containers[index]) ||
      (initContainers ?? []).some((container, index) => container !== spec.initContainers?.[index]);
    if (!needed) return spec;
    return {
      ...spec,
      containers,
      ...(initContainers === undefined ? {} : { initContainers }),
      ...(known === undefined ? { volumes: [...volumes, accessVolume(name)] } : {}),
    };
  }
}

function withAccount(spec: PodSpec, account: ServiceAccount | null): PodSpec {
  const { imagePullSecrets = [] } = account ?? {};
  const own = spec.imagePullSecrets ?? [];
  return own.length > 0 || imagePullSecrets.length === 0 ? spec : { ...spec, imagePullSecrets };
}

/** The pod's word counts before its account's. */
function mountsToken(spec: PodSpec, account: ServiceAccount | null): boolean {
  return spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true;
}

/** A token, the cluster's CA and the pod's namespace, as client libraries look for them. */
function accessVolume(name: string): Volume {
  const fieldRef = { apiVersion: "v1", fieldPath: "metadata.namespace" };
  return {
    name,
    projected: {
      defaultMode: FILE_MODE,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        {
          configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] },
        },
        { downwardAPI: { items: [{ path: "namespace", fieldRef }] } },
      ],
    },
  };
}
