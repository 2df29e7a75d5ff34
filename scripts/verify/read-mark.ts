import { crc32 } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { DIGITAL_SOURCE_TYPE } from '../../gpu-functions/stages/render/files/marks.ts';
import { decodeSafetensors } from '../../gpu-functions/weights/index.ts';

/** The last word of IPTC's term, which is all that fits into an STL's header. */
const TERM = DIGITAL_SOURCE_TYPE.split('/').at(-1)!;
const XMP_BOX = 'be7acfcb97a942e89c71999491e3afac';

/** How each format is read for its mark (docs/safety.md), by the ending of its name. */
const READERS: Readonly<Record<string, (file: Buffer) => boolean>> = {
  '.png': (file) => pngTexts(file).some((text) => text.includes(DIGITAL_SOURCE_TYPE)),
  '.webp': (file) => riffChunks(file).some(([name, body]) => name === 'XMP ' && says(body)),
  '.mp4': (file) => mp4Boxes(file).some(([name, body]) => name === 'uuid' && isXmp(body) && says(body)),
  '.glb': (file) => {
    const { extensions } = JSON.parse(file.toString('utf8', 20, 20 + file.readUInt32LE(12))) as {
      extensions?: { KHR_xmp_json_ld?: { packets?: Record<string, unknown>[] } };
    };
    const packets = extensions?.KHR_xmp_json_ld?.packets ?? [];
    return packets.some((packet) => packet['Iptc4xmpExt:DigitalSourceType'] === DIGITAL_SOURCE_TYPE);
  },
  '.zip': (file) => {
    const obj = unzipSync(file)['portrait.obj'];
    return (
      obj !== undefined && lines(strFromU8(obj), '# ').some((line) => line.includes(DIGITAL_SOURCE_TYPE))
    );
  },
  '.ply': (file) =>
    lines(file.toString('latin1').split('end_header')[0]!, 'comment ').some((line) =>
      line.includes(DIGITAL_SOURCE_TYPE),
    ),
  '.stl': (file) => file.toString('latin1', 0, 80).includes(TERM),
  '.usdz': (file) =>
    Object.entries(unzipSync(file)).some(
      ([name, layer]) => name.endsWith('.usda') && strFromU8(layer).includes(DIGITAL_SOURCE_TYPE),
    ),
  '.safetensors': (file) => decodeSafetensors(file).metadata['digital_source_type'] === DIGITAL_SOURCE_TYPE,
};

/**
 * Whether a file carries the mark of pictures made by a model, at the place where its format keeps such things; null for
 * files of another kind. A file that cannot be read carries none.
 */
export function hasMark(name: string, file: Uint8Array): boolean | null {
  const reader = READERS[/\.[a-z0-9]+$/.exec(name)?.[0] ?? ''];
  if (!reader) return null;
  try {
    return reader(Buffer.from(file.buffer, file.byteOffset, file.byteLength));
  } catch {
    return false;
  }
}

const says = (body: Buffer) => body.toString('utf8').includes(DIGITAL_SOURCE_TYPE);
const isXmp = (body: Buffer) => body.toString('hex', 0, 16) === XMP_BOX;
const lines = (text: string, start: string) => text.split('\n').filter((line) => line.startsWith(start));

/** Texts of the XMP chunks of a PNG whose checksums are right. */
function pngTexts(file: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const chunk = file.subarray(at + 4, at + 8 + file.readUInt32BE(at));
    const whole = crc32(chunk) === file.readUInt32BE(at + 4 + chunk.length);
    if (whole && chunk.toString('latin1', 0, 22).startsWith('iTXtXML:com.adobe.xmp'))
      texts.push(chunk.toString());
  }
  return texts;
}

/** Name and body of each chunk of a RIFF file. */
function riffChunks(file: Buffer): [string, Buffer][] {
  const chunks: [string, Buffer][] = [];
  for (let at = 12; at + 8 <= file.length;) {
    const length = file.readUInt32LE(at + 4);
    chunks.push([file.toString('latin1', at, at + 4), file.subarray(at + 8, at + 8 + length)]);
    at += 8 + length + (length % 2);
  }
  return chunks;
}

/** Name and body of each box of an MP4's top level. */
function mp4Boxes(file: Buffer): [string, Buffer][] {
  const boxes: [string, Buffer][] = [];
  for (let at = 0; at + 8 <= file.length;) {
    const size = file.readUInt32BE(at);
    if (size < 8) break;
    boxes.push([file.toString('latin1', at + 4, at + 8), file.subarray(at + 8, at + size)]);
    at += size;
  }
  return boxes;
}
