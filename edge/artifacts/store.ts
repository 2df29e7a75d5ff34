import * as z from 'zod';
import type { StageResult } from '../../shared/index.ts';
import { artifactPath, modelPath, runPrefix } from './paths.ts';

const modelSchema = z.object({
  profile: z.string(),
  digest: z.string(),
  versions: z.record(z.string(), z.number()),
});
type StoredModel = z.output<typeof modelSchema>;

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
  return object ? (modelSchema.safeParse(await object.json()).data ?? null) : null;
}

/** Remembers the weights seen loaded, where they are others than before. */
export async function writeModel(bucket: R2Bucket, model: StoredModel): Promise<void> {
  const before = await readModel(bucket, model.profile);
  if (JSON.stringify(before) === JSON.stringify(model)) return;
  await bucket.put(modelPath(model.profile), JSON.stringify(model), {
    httpMetadata: { contentType: 'application/json' },
  });
}
