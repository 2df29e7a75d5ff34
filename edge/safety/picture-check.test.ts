import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkPicture, readAnswer } from './picture-check.ts';

const picture = Uint8Array.from([137, 80, 78, 71]);
const EVERY_LEVEL = ['log', 'warn'] as const;

afterEach(() => vi.restoreAllMocks());

describe('the check of pictures by a vision model', () => {
  it('is off unless it is configured', async () => {
    expect(await checkPicture({ PICTURE_CHECK_MODEL: 'a model without a binding' }, 'prt_1', picture)).toBe(
      null,
    );
  });

  it('asks Workers AI a question of one word', async () => {
    for (const level of EVERY_LEVEL) vi.spyOn(console, level).mockImplementation(() => {});
    const run = vi.fn<(model: string, input: object) => Promise<{ response?: unknown }>>();
    const env = { AI: { run }, PICTURE_CHECK_MODEL: '@cf/a/vision-model' };
    run.mockResolvedValueOnce({ response: 'No.' });
    expect(await checkPicture(env, 'prt_1', picture)).toBe(null);
    expect(run.mock.calls[0]).toMatchObject(['@cf/a/vision-model', { image: [...picture] }]);
    run.mockResolvedValueOnce({ response: ' YES, it does' });
    expect(await checkPicture(env, 'prt_1', picture)).toMatchObject({ code: 'content_filtered' });
    run.mockRejectedValue(new Error('no capacity'));
    expect(await checkPicture(env, 'prt_1', picture)).toBe(null);
    await expect(checkPicture({ ...env, PICTURE_CHECK_REQUIRED: 'on' }, 'prt_1', picture)).rejects.toThrow();
  });

  it('understands yes and no alone', () => {
    expect(readAnswer('"No"')?.allowed).toBe(true);
    expect(readAnswer('yes')?.allowed).toBe(false);
    for (const other of ['', 'nothing', 'I cannot tell', 'yesterday']) expect(readAnswer(other)).toBe(null);
  });
});
