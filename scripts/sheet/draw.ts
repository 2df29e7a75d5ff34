import sharp from 'sharp';

/** One portrait of a sheet: eight square views side by side, and what was asked for. */
export interface SheetRow {
  prompt: string;
  strip: Uint8Array;
}

const WIDTH = 1280;
const CAPTION_HEIGHT = 26;

/** Draws the rows under each other, each below its prompt, as one PNG on white. */
export async function drawSheet(rows: readonly SheetRow[]): Promise<Uint8Array> {
  const stripHeight = WIDTH / 8;
  const rowHeight = CAPTION_HEIGHT + stripHeight;
  const parts = await Promise.all(
    rows.map(async ({ prompt, strip }, i) => [
      { input: caption(prompt), left: 0, top: i * rowHeight },
      {
        input: await sharp(strip).resize(WIDTH, stripHeight).flatten({ background: 'white' }).toBuffer(),
        left: 0,
        top: i * rowHeight + CAPTION_HEIGHT,
      },
    ]),
  );
  return sharp({
    create: { width: WIDTH, height: rows.length * rowHeight, channels: 3, background: 'white' },
  })
    .composite(parts.flat())
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function caption(text: string): Buffer {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return Buffer.from(
    `<svg width="${WIDTH}" height="${CAPTION_HEIGHT}" xmlns="http://www.w3.org/2000/svg">` +
      `<text x="8" y="19" font-family="sans-serif" font-size="15" fill="#222">${escaped}</text></svg>`,
  );
}
