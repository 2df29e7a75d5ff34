/** Networks that are not the public internet (IANA special-purpose registries), as prefix and length. */
const REFUSED_V4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

/** The 32 bits of a dotted IPv4 address; null for anything else. */
function v4Bits(address: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return null;
  return parts.reduce((bits, part) => bits * 256 + part, 0);
}

function isPublicV4(bits: number): boolean {
  return !REFUSED_V4.some(([network, length]) => {
    const size = 2 ** (32 - length);
    return Math.floor(bits / size) === Math.floor(v4Bits(network)! / size);
  });
}

/** The eight 16-bit groups of an IPv6 address; null for anything else. */
function v6Groups(address: string): number[] | null {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (dotted) {
    const bits = v4Bits(dotted[2]!);
    if (bits === null) return null;
    return v6Groups(`${dotted[1]}${Math.floor(bits / 65536).toString(16)}:${(bits % 65536).toString(16)}`);
  }
  const halves = address.split('::');
  if (halves.length > 2 || !/^[0-9a-f:]+$/i.test(address)) return null;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (tail ? missing < 1 : missing !== 0) return null;
  const groups = [...head!, ...Array.from({ length: missing }, () => '0'), ...(tail ?? [])];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.map((group) => Number.parseInt(group, 16));
}

function isPublicV6(groups: number[]): boolean {
  const [first, second] = groups as [number, number];
  const inner = groups[6]! * 65536 + groups[7]!;
  // Addresses that carry an IPv4 one: mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96), 6to4 (2002::/16).
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return isPublicV4(inner);
  if (first === 0x64 && second === 0xff9b && groups.slice(2, 6).every((group) => group === 0))
    return isPublicV4(inner);
  if (first === 0x2002) return isPublicV4(second * 65536 + groups[2]!);
  // Of global unicast (2000::/3), without Teredo and ORCHID (2001::/23), documentation, and 3fff::/20.
  if (first < 0x2000 || first > 0x3fff) return false;
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return false;
  return !(first === 0x3fff && second < 0x1000);
}

/** Whether a text is an IP address, with or without the brackets of a URL's host. */
export function isAddress(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  return v4Bits(address) !== null || v6Groups(address) !== null;
}

/** Whether an IP address is one of the public internet. Anything malformed is not. */
export function isPublicAddress(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  const bits = v4Bits(address);
  if (bits !== null) return isPublicV4(bits);
  const groups = v6Groups(address);
  return groups !== null && isPublicV6(groups);
}
