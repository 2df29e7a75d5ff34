import { describe, expect, it } from 'vitest';
import { SecretBox } from './secret-box.ts';

const [old, present] = ['the key of last year, long enough', 'the key of this year, long enough'];

describe('sealed secrets', () => {
  it('open for the context they were sealed for, and hold nothing readable', async () => {
    const box = new SecretBox([present]);
    const sealed = await box.seal('whsec_secret', 'whk_1');
    expect(sealed).toMatch(/^sealed\.[0-9a-f]{16}\./);
    expect(sealed).not.toContain('whsec');
    expect(await box.open(sealed, 'whk_1')).toEqual({ secret: 'whsec_secret', stale: false });
    await expect(box.open(sealed, 'whk_2')).rejects.toThrow();
    const cut = sealed.replace(/.{8}$/, 'AAAAAAA=');
    await expect(box.open(cut, 'whk_1')).rejects.toThrow();
    expect(await box.seal('whsec_secret', 'whk_1')).not.toBe(sealed);
  });

  it('open after the key was rotated, and are stale then', async () => {
    const sealed = await new SecretBox([old]).seal('whsec_secret', 'whk_1');
    expect(await new SecretBox([present, old]).open(sealed, 'whk_1')).toEqual({
      secret: 'whsec_secret',
      stale: true,
    });
    await expect(new SecretBox([present]).open(sealed, 'whk_1')).rejects.toThrow(/WEBHOOK_KEY_FORMER/);
  });

  it('that were stored before there were any are read as they are', async () => {
    expect(await new SecretBox([present]).open('whsec_plain', 'whk_1')).toEqual({
      secret: 'whsec_plain',
      stale: true,
    });
  });
});
