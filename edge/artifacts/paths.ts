/**
 * Where things lie in the bucket. Artifacts lie below the run that made them, so that they can go when nobody keeps the
 * run any more, without asking who else may have equal bytes.
 */
export const runPrefix = (run: string) => `runs/${run}/`;
export const artifactPath = (run: string, sha256: string) => `${runPrefix(run)}${sha256}`;
export const modelPath = (profile: string) => `models/${profile}.json`;
