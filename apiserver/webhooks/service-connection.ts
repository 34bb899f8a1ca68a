import { messageOf } from "../../base/errors.js";
import type { ServiceDialer, ServicePort } from "../streaming/service-dialer.js";
import type { DialedOptions, Dialing } from "./https-agent.js";

/** The name of a Service that the certificate of a server behind it must have. */
export function serviceHost({ namespace, name }: Omit<ServicePort, "port">): string {
  return `${name}.${namespace}.svc`;
}

/** How HTTPS gets to a port of a Service, with a `DialingAgent`. */
export function toService(
  { namespace, name, port }: ServicePort,
  services: ServiceDialer,
): Pick<DialedOptions, "host" | "port" | "servername"> & { readonly dialing: Dialing } {
  const host = serviceHost({ namespace, name });
  const key = `${namespace}/${name}:${port}`;
  const target = { namespace, name, port };
  return {
    host,
    port,
    servername: host,
    dialing: { key, dial: (signal) => services.dial(target, signal) },
  };
}

/** Whose signature counts: a bundle as PEM in base64; "": what the system believes. */
export function believing(caBundle: string): Pick<DialedOptions, "ca"> {
  return caBundle === "" ? {} : { ca: Buffer.from(caBundle, "base64") };
}

/** Why a server could not be called, in the reference's words where they are known. */
export function reasonOf(error: unknown): string {
  const { code, address, port } = error as {
    readonly code?: unknown;
    readonly address?: unknown;
    readonly port?: unknown;
  };
  if (code === "ECONNREFUSED")
    return `dial tcp ${String(address)}:${String(port)}: connect: connection refused`;
  const text = messageOf(error);
  if (typeof code === "string" && CERTIFICATE_FAULT.test(code))
    return `tls: failed to verify certificate: x509: ${text}`;
  return text;
}

const CERTIFICATE_FAULT =
  /CERT|^ERR_TLS_CERT_ALTNAME_INVALID$|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)/u;
