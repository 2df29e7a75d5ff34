import { crc32 } from 'node:zlib';

/** IPTC's term for media made by a trained model, which C2PA uses too. */
export const DIGITAL_SOURCE_TYPE = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

export const CREATOR_TOOL = 'portrait3d-service';

/** One line for formats that have nothing but comments. */
export const COMMENT = `made by AI: ${DIGITAL_SOURCE_TYPE}`;

/**
 * The mark that every file carries: an XMP packet (ISO 16684-1) with `Iptc4xmpExt:DigitalSourceType`. It has no time in
 * it, so that equal portraits are equal bytes.
 */
export const XMP = `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmp:CreatorTool="${CREATOR_TOOL}" Iptc4xmpExt:DigitalSourceType="${DIGITAL_SOURCE_TYPE}"/></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const packet = () => Buffer.from(XMP, 'utf8');

function uint32(value: number, endian: 'big' | 'little'): Buffer {
  const bytes = Buffer.alloc(4);
  if (endian === 'big') bytes.writeUInt32BE(value);
  else bytes.writeUInt32LE(value);
  return bytes;
}

/** The PNG with an `iTXt` chunk of the keyword `XML:com.adobe.xmp` after its header (XMP part 3 §1.1.4). */
export function markPng(png: Uint8Array): Uint8Array {
  const header = 8 + 25;
  // Keyword, then: not compressed, no method, no language, no translated keyword.
  const chunk = Buffer.concat([latin1('iTXtXML:com.adobe.xmp\0\0\0\0\0'), packet()]);
  const length = uint32(chunk.length - 4, 'big');
  return Buffer.concat([
    png.subarray(0, header),
    length,
    chunk,
    uint32(crc32(chunk), 'big'),
    png.subarray(header),
  ]);
}

/** The JPEG with an `APP1` segment after its start (XMP part 3 §1.1.3). */
export function markJpeg(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = Buffer.concat([latin1('http://ns.adobe.com/xap/1.0/\0'), packet()]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length + 2);
  return Uint8Array.from(
    Buffer.concat([jpeg.subarray(0, 2), Buffer.of(0xff, 0xe1), length, body, jpeg.subarray(2)]),
  );
}

/** Bit of the `VP8X` flags that tells of an `XMP ` chunk (RFC 9649 §2.7). */
const WEBP_XMP = 0x04;

/** The WebP, in its extended form already, with an `XMP ` chunk at its end. @throws Error for one in the simple form */
export function markWebp(webp: Uint8Array): Uint8Array {
  const body = Buffer.from(webp);
  if (body.toString('latin1', 12, 16) !== 'VP8X')
    throw new Error('the WebP has no VP8X header to be marked in');
  body[20] |= WEBP_XMP;
  const xmp = packet();
  const padding = Buffer.alloc(xmp.length % 2);
  const marked = Buffer.concat([body, latin1('XMP '), uint32(xmp.length, 'little'), xmp, padding]);
  marked.writeUInt32LE(marked.length - 8, 4);
  return marked;
}

/** XMP's box in ISO base media files (XMP part 3 §1.2.7). */
const MP4_XMP = Buffer.from('be7acfcb97a942e89c71999491e3afac', 'hex');

/** The MP4 with a `uuid` box at its end, which moves nothing that its index points to. */
export function markMp4(mp4: Uint8Array): Uint8Array {
  const xmp = packet();
  return Buffer.concat([mp4, uint32(8 + MP4_XMP.length + xmp.length, 'big'), latin1('uuid'), MP4_XMP, xmp]);
}

/** The member of a safetensors header that is no tensor. */
const METADATA = '__metadata__';

/** The safetensors file with the mark in its `__metadata__`; the tensors are left alone. */
export function markSafetensors(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, end))) as Record<string, object>;
  const mark = { digital_source_type: DIGITAL_SOURCE_TYPE, creator_tool: CREATOR_TOOL };
  const json = Buffer.from(JSON.stringify({ ...header, [METADATA]: { ...header[METADATA], ...mark } }));
  const length = Math.ceil(json.length / 8) * 8;
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length));
  return Buffer.concat([size, json, Buffer.alloc(length - json.length, ' '), file.subarray(end)]);
}
