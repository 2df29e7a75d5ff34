import * as z from 'zod';
import { lazily } from '../../shared/index.ts';
import type { StageResult } from '../../shared/index.ts';
import { artifactPath, modelPath, runPrefix } from './paths.ts';

const modelSchema = lazily(() =>
  z.object({
    profile: z.string(),
    digest: z.string(),
    versions: z.record(z.string(), z.number()),
  }),
);
type StoredModel = z.output<ReturnType<typeof modelSchema>>;

/** Which outputs of a result the bucket does not hold (or holds with another size). */
export async function missingOutputs(bucket: R2Bucket, { key, outputs }: StageResult): Promise<string[]> {
  const heads = await Promise.all(
    Object.entries(outputs).map(async ([name, { sha256, size }]) => {
      const head = await bucket.head(artifactPath(key, sha256));
      return head?.size === size ? null : name;
    }),
  );
  return heads.filter((name) => name !== null);
}

/** Deletes every artifact of a run. */
export async function deleteArtifacts(bucket: R2Bucket, run: string): Promise<void> {
  for (;;) {
    const { objects, truncated } = await bucket.list({ prefix: runPrefix(run) });
    if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
    if (!truncated) return;
  }
}

/** The weights last seen loaded for a profile: good enough to find results while the stage server is away. */
export async function readModel(bucket: R2Bucket, profile: string): Promise<StoredModel | null> {
  const object = await bucket.get(modelPath(profile));
  return object ? (modelSchema().safeParse(await object.json()).data ?? null) : null;
}

/** For so long a worker relies on what it last found or wrote: every new portrait sees the weights loaded. */
const RELY_MS = 60_000;
const relied = new WeakMap<R2Bucket, Map<string, { text: string; until: number }>>();

/** Remembers the weights seen loaded, where they are others than before. */
export async function writeModel(bucket: R2Bucket, model: StoredModel): Promise<void> {
  const text = JSON.stringify(model);
  const known = relied.get(bucket) ?? new Map<string, { text: string; until: number }>();
  relied.set(bucket, known);
  const last = known.get(model.profile);
  if (last?.text === text && Date.now() < last.until) return;
  if (JSON.stringify(await readModel(bucket, model.profile)) !== text)
    await bucket.put(modelPath(model.profile), text, { httpMetadata: { contentType: 'application/json' } });
  known.set(model.profile, { text, until: Date.now() + RELY_MS });
}
