import {
  type FieldError,
  forbidden,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import type {
  ClusterTrustBundleProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabelSelector } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateFileMode, validateUnreservedPath } from "./path-validation.js";
import { validateDownwardFile, validateKeyToPath } from "./volume-file-validation.js";

const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;

/** Checks a volume made of several sources, whose files must not get in each other's way. */
export function validateProjected(source: ProjectedVolumeSource, path: string): FieldError[] {
  const errors = validateFileMode(source.defaultMode, `${path}.defaultMode`);
  const files = new Set<string>();
  const claim = (file: string, shown: string): void => {
    if (file === "") return;
    if (files.has(file)) errors.push(invalid(path, shown, "conflicting duplicate paths"));
    files.add(file);
  };
  for (const [index, part] of (source.sources ?? []).entries()) {
    const at = `${path}.sources[${index}]`;
    for (const type of ["secret", "configMap"] as const)
      errors.push(...validateDataProjection(part, type, { path: at, claim }));
    for (const file of part.downwardAPI?.items ?? []) {
      errors.push(...validateDownwardFile(file, `${at}.downwardAPI`));
      claim(file.path, file.path);
    }
    if (part.serviceAccountToken !== undefined)
      errors.push(...validateToken(part.serviceAccountToken, { at, path }));
    if (part.clusterTrustBundle !== undefined) {
      errors.push(...validateTrustBundle(part.clusterTrustBundle, `${at}.clusterTrustBundle`));
      claim(part.clusterTrustBundle.path, part.clusterTrustBundle.path);
    }
    if (Object.values(part).filter((value) => value !== undefined).length > 1)
      errors.push(forbidden(at, "may not specify more than 1 volume type per source"));
  }
  return errors;
}

function validateDataProjection(
  part: VolumeProjection,
  type: "secret" | "configMap",
  { path, claim }: { path: string; claim: (file: string, shown: string) => void },
): FieldError[] {
  const projection = part[type];
  if (projection === undefined) return [];
  const { name = "", items = [] } = projection;
  const errors: FieldError[] = [];
  if (name === "") errors.push(required(`${path}.${type}.name`));
  for (const [index, item] of items.entries()) {
    errors.push(...validateKeyToPath(item, `${path}.${type}.items[${index}]`));
    claim(item.path, name);
  }
  return errors;
}

function validateToken(
  token: ServiceAccountTokenProjection,
  { at, path }: { at: string; path: string },
): FieldError[] {
  const errors: FieldError[] = [];
  const { expirationSeconds: seconds = 3600 } = token;
  const field = `${at}.serviceAccountToken.expirationSeconds`;
  if (seconds < TOKEN_SECONDS_MIN)
    errors.push(invalid(field, seconds, "may not specify a duration less than 10 minutes"));
  if (seconds > TOKEN_SECONDS_MAX)
    errors.push(invalid(field, seconds, "may not specify a duration larger than 2^32 seconds"));
  if (token.path === "") errors.push(required(`${path}.path`));
  else errors.push(...validateUnreservedPath(token.path, `${path}.path`));
  return errors;
}

function validateTrustBundle(bundle: ClusterTrustBundleProjection, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { name, signerName, labelSelector } = bundle;
  if (name !== undefined && signerName !== undefined)
    errors.push(invalid(path, bundle, "only one of name and signerName may be used"));
  else if (name !== undefined) {
    if (name === "") errors.push(required(`${path}.name`, "must be a valid object name"));
    for (const text of nameIsDnsSubdomain(name.split(":").at(-1) ?? "", false))
      errors.push(invalid(`${path}.name`, name, `not a valid clustertrustbundlename: ${text}`));
    if (labelSelector !== undefined) {
      const text = "labelSelector must be unset if name is specified";
      errors.push(invalid(`${path}.labelSelector`, labelSelector, text));
    }
  } else if (signerName !== undefined) {
    if (signerName === "")
      errors.push(required(`${path}.signerName`, "must be a valid signer name"));
    errors.push(...validateSignerName(signerName, `${path}.signerName`));
    errors.push(...validateLabelSelector(labelSelector, `${path}.labelSelector`));
  } else errors.push(required(path, "either name or signerName must be specified"));
  if (bundle.path === "") errors.push(required(`${path}.path`));
  errors.push(...validateUnreservedPath(bundle.path, `${path}.path`));
  return errors;
}

function validateSignerName(name: string, path: string): FieldError[] {
  const [domain = "", ...rest] = name.split("/");
  if (rest.length !== 1)
    return [
      invalid(
        path,
        name,
        'must be a fully qualified domain and path of the form "example.com/signer-name"',
      ),
    ];
  return invalidEach(path, domain, nameIsDnsSubdomain(domain, false));
}
