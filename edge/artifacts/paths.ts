/**
 * Where things lie in the bucket. Artifacts lie below the run that made them, so that they can go when nobody keeps the
 * run any more, without asking who else may have equal bytes.
 */
export const runPrefix = (run: string) => `runs/${run}/`;
export const artifactPath = (run: string, sha256: string) => `${runPrefix(run)}${sha256}`;
/** The checkpoint of a run whose server had to stop; it goes with the run's artifacts, and once there is a result. */
export const checkpointPath = (run: string) => `${runPrefix(run)}checkpoint`;
export const modelPath = (profile: string) => `models/${profile}.json`;
