import { CelOpaque, type CelValue, failure } from "../cel-values.js";
import { type Overload, define } from "../overload.js";

interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}
interface Network {
  readonly address: Address;
  readonly length: number;
}

const WIDTH = { 4: 32, 6: 128 } as const;

/** IPv4 in dotted decimals or IPv6, without a zone and not IPv4 within IPv6; null: neither. */
function parseAddress(text: string): Address | null {
  if (!text.includes(":")) {
    const bits = parseIpv4(text);
    return bits === null ? null : { family: 4, bits };
  }
  const bits = parseIpv6(text);
  return bits === null || bits >> 32n === 0xffffn ? null : { family: 6, bits };
}

function parseIpv4(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/u.test(part))) return null;
  if (parts.some((part) => Number(part) > 255)) return null;
  return parts.reduce((bits, part) => bits * 256n + BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | null {
  const dotted = /^(.*:)([^:]*\.[^:]*)$/u.exec(text);
  if (dotted !== null) {
    const low = parseIpv4(dotted[2] ?? "");
    if (low === null) return null;
    const words = `${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
    return parseIpv6(`${dotted[1]}${words}`);
  }
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const words = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  if (!words.every((word) => /^[0-9a-fA-F]{1,4}$/u.test(word))) return null;
  return words.reduce((bits, word) => bits * 65_536n + BigInt(`0x${word}`), 0n);
}

function addressText({ family, bits }: Address): string {
  if (family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join(".");
  }
  const words = Array.from({ length: 8 }, (_each, at) =>
    ((bits >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  const runs = [
    ...words
      .map((word) => (word === "0" ? "0" : "x"))
      .join("")
      .matchAll(/0{2,}/gu),
  ];
  const longest = runs.reduce<{ start: number; length: number }>(
    (best, run) =>
      run[0].length > best.length ? { start: run.index, length: run[0].length } : best,
    { start: 0, length: 0 },
  );
  if (longest.length === 0) return words.join(":");
  const head = words.slice(0, longest.start).join(":");
  return `${head}::${words.slice(longest.start + longest.length).join(":")}`;
}

function parseNetwork(text: string): Network | null {
  const [head = "", length = "", ...more] = text.split("/");
  const address = parseAddress(head);
  if (address === null || more.length > 0 || !/^(?:0|[1-9]\d{0,2})$/u.test(length)) return null;
  const size = Number(length);
  return size > WIDTH[address.family] ? null : { address, length: size };
}

function masked({ address, length }: Network): Address {
  const low = BigInt(WIDTH[address.family] - length);
  return { family: address.family, bits: (address.bits >> low) << low };
}

function covers(outer: Network, inner: Network): boolean {
  if (outer.address.family !== inner.address.family || outer.length > inner.length) return false;
  return masked({ ...inner, length: outer.length }).bits === masked(outer).bits;
}

const IP = "net.IP";
const CIDR = "net.CIDR";
const ipOf = (value: CelOpaque): Address => value.value as Address;
const cidrOf = (value: CelOpaque): Network => value.value as Network;

function ipValue(address: Address): CelOpaque {
  return new CelOpaque(IP, address, addressText(address));
}

function ip(text: string): CelValue {
  const address = parseAddress(text);
  return address === null
    ? failure(`IP Address '${text}' parse error during conversion from string`)
    : ipValue(address);
}

function cidrValue(network: Network): CelOpaque {
  return new CelOpaque(CIDR, network, `${addressText(network.address)}/${network.length}`);
}

function cidr(text: string): CelValue {
  const network = parseNetwork(text);
  return network === null
    ? failure(`CIDR network address parse error during conversion from string: ${text}`)
    : cidrValue(network);
}

function within(address: Address, networks: readonly string[]): boolean {
  const one = { address, length: WIDTH[address.family] };
  return networks.some((text) => {
    const network = parseNetwork(text);
    return network !== null && covers(network, one);
  });
}

function isUnspecified({ bits }: Address): boolean {
  return bits === 0n;
}

function containsAddress(network: CelOpaque, text: string): CelValue {
  const value = ip(text);
  return value instanceof CelOpaque ? containsIp(network, value) : value;
}

function containsIp(network: CelOpaque, value: CelOpaque): boolean {
  const address = ipOf(value);
  return covers(cidrOf(network), { address, length: WIDTH[address.family] });
}

function containsText(network: CelOpaque, text: string): CelValue {
  const value = cidr(text);
  return value instanceof CelOpaque ? covers(cidrOf(network), cidrOf(value)) : value;
}

/** Kubernetes' libraries for addresses and networks. */
export const NETWORK: readonly Overload[] = [
  define("ip(string): IP", ip),
  define("isIP(string): bool", (text: string) => parseAddress(text) !== null),
  define("ip.isCanonical(string): bool", (text: string) => {
    const value = ip(text);
    return value instanceof CelOpaque ? value.key === text : value;
  }),
  define("string(IP): string", (value: CelOpaque) => value.key),
  define("IP.family(): int", (value: CelOpaque) => BigInt(ipOf(value).family)),
  define("IP.isUnspecified(): bool", (value: CelOpaque) => isUnspecified(ipOf(value))),
  define("IP.isLoopback(): bool", (value: CelOpaque) =>
    within(ipOf(value), ["127.0.0.0/8", "::1/128"]),
  ),
  define("IP.isLinkLocalMulticast(): bool", (value: CelOpaque) =>
    within(ipOf(value), ["224.0.0.0/24", "ff02::/16"]),
  ),
  define("IP.isLinkLocalUnicast(): bool", (value: CelOpaque) =>
    within(ipOf(value), ["169.254.0.0/16", "fe80::/10"]),
  ),
  define("IP.isGlobalUnicast(): bool", (value: CelOpaque) => {
    const others = ["127.0.0.0/8", "::1/128", "224.0.0.0/4", "ff00::/8", "169.254.0.0/16"];
    const special = within(ipOf(value), [...others, "fe80::/10", "255.255.255.255/32"]);
    return !special && !isUnspecified(ipOf(value));
  }),
  define("cidr(string): CIDR", cidr),
  define("isCIDR(string): bool", (text: string) => parseNetwork(text) !== null),
  define("string(CIDR): string", (value: CelOpaque) => value.key),
  define("CIDR.containsIP(string): bool", containsAddress),
  define("CIDR.containsIP(IP): bool", containsIp),
  define("CIDR.containsCIDR(string): bool", containsText),
  define("CIDR.containsCIDR(CIDR): bool", (outer: CelOpaque, inner: CelOpaque) =>
    covers(cidrOf(outer), cidrOf(inner)),
  ),
  define("CIDR.ip(): IP", (value: CelOpaque) => ipValue(cidrOf(value).address)),
  define("CIDR.masked(): CIDR", (value: CelOpaque) => {
    const network = cidrOf(value);
    return cidrValue({ address: masked(network), length: network.length });
  }),
  define("CIDR.prefixLength(): int", (value: CelOpaque) => BigInt(cidrOf(value).length)),
];
