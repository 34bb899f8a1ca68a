import { type FieldError, invalid } from "../../../api/machinery/field-errors.js";
import { type IpAddress, parseCidr, parseIp } from "./ip-address.js";

/** Checks an address of either family. */
export function validateIp(address: string, path: string): FieldError[] {
  if (parseIp(address) !== null) return [];
  const text = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
  return [invalid(path, address, text)];
}

/** Checks an address of one family. */
export function validateIpOf(
  family: IpAddress["family"],
  address: string,
  path: string,
): FieldError[] {
  if (parseIp(address)?.family === family) return [];
  return [invalid(path, address, `must be a valid ${family} address`)];
}

/** Checks a network in the form address/prefix. */
export function validateCidr(cidr: string, path: string): FieldError[] {
  if (parseCidr(cidr) !== null) return [];
  const text = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  return [invalid(path, cidr, text)];
}

/** The family of a network's addresses, null when it is none. */
export function ipFamilyOfCidr(cidr: string): IpAddress["family"] | null {
  return parseCidr(cidr)?.family ?? null;
}

/** Refuses addresses that mean something else on every host: unspecified, loopback, link-local. */
export function validateNonSpecialIp(address: string, path: string): FieldError[] {
  const ip = parseIp(address);
  if (ip === null) return [invalid(path, address, "must be a valid IP address")];
  const text = specialText(ip, address);
  return text === null ? [] : [invalid(path, address, text)];
}

function specialText({ bytes }: IpAddress, address: string): string | null {
  const [first = 0, second = 0, third = 0] = bytes;
  const last = bytes.at(-1) ?? 0;
  const leading = bytes.slice(0, -1).every((byte) => byte === 0);
  const v4 = bytes.length === 4;
  if (leading && last === 0) return `may not be unspecified (${address})`;
  if (v4 ? first === 127 : leading && last === 1)
    return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
  if (v4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80)
    return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  const multicast = v4
    ? first === 224 && second === 0 && third === 0
    : first === 0xff && (second & 0x0f) === 2;
  if (multicast) return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
  return null;
}
