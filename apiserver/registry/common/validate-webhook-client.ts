import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import { validateDns1123Subdomain, validatePortNumber } from "../../../api/machinery/names.js";

/** How a webhook is reached, as configurations of admission and of conversion say it. */
export interface WebhookClient {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
}

/** Kubernetes' rules for WebhookClientConfig: a url or a service, not both. */
export function validateWebhookClient(client: WebhookClient, path: string): FieldError[] {
  const { url, service } = client;
  if ((url === undefined) === (service === undefined))
    return [required(path, "exactly one of url or service is required")];
  if (url !== undefined) return validateUrl(url, `${path}.url`);
  return service === undefined ? [] : validateService(service, `${path}.service`);
}

const FORM = "; desired format: https://host[/path]";

function validateUrl(text: string, path: string): FieldError[] {
  const match = /^(?:([A-Za-z][\w+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/u.exec(text);
  if (match === null || (match[2] !== undefined && !isParsed(text)))
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}${FORM}`)];
  const [, scheme = "", authority = "", , query = "", fragment = ""] = match;
  const errors: FieldError[] = [];
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  if (scheme !== "https")
    errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (host === "") errors.push(invalid(path, host, `host must be provided${FORM}`));
  if (at >= 0) {
    const user = authority.slice(0, at);
    errors.push(invalid(path, user, "user information is not permitted in the URL"));
  }
  if (fragment.length > 1)
    errors.push(invalid(path, fragment.slice(1), "fragments are not permitted in the URL"));
  if (query.length > 1)
    errors.push(invalid(path, query.slice(1), "query parameters are not permitted in the URL"));
  return errors;
}

/** An address without a host is reported as that. */
function isParsed(text: string): boolean {
  return /^[^/]*\/\/(?:[^/?#]*@)?(?:[/?#]|$)/u.test(text) || URL.canParse(text);
}

function validateService(
  service: NonNullable<WebhookClient["service"]>,
  path: string,
): FieldError[] {
  const { name, namespace, port = 443 } = service;
  const errors: FieldError[] = [];
  if (name === "") errors.push(required(`${path}.name`, "service name is required"));
  if (namespace === "") errors.push(required(`${path}.namespace`, "service namespace is required"));
  const wrong = validatePortNumber(port);
  if (wrong.length > 0)
    errors.push(invalid(`${path}.port`, port, `port is not valid: ${wrong.join(", ")}`));
  return [...errors, ...validateServicePath(service.path ?? "", `${path}.path`)];
}

function validateServicePath(text: string, path: string): FieldError[] {
  if (text === "" || text === "/") return [];
  if (text === "//") return [invalid(path, text, "segment[0] may not be empty")];
  const errors = text.startsWith("/") ? [] : [invalid(path, text, "must start with a '/'")];
  const steps = text.slice(1).replace(/\/$/u, "").split("/");
  for (const [index, step] of steps.entries()) {
    const texts = step === "" ? ["may not be empty"] : validateDns1123Subdomain(step);
    const colon = step === "" ? "" : ":";
    errors.push(...texts.map((why) => invalid(path, text, `segment[${index}]${colon} ${why}`)));
  }
  return errors;
}
