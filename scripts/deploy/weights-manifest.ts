import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** Prints the manifest of a folder of profiles: `npm run -s weights-manifest -- DIR > DIR/weights.json`. */
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: npm run -s weights-manifest -- DIR, the folder that holds a folder for each profile');
  process.exit(2);
}
const root = resolve(folder);
const files = [];
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (!entry.isFile() || path === join(root, 'weights.json')) continue;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  const name = relative(root, path).split(sep).join('/');
  files.push({ path: name, sha256: hash.digest('hex'), size: statSync(path).size });
}
files.sort((a, b) => (a.path < b.path ? -1 : 1));
console.log(JSON.stringify({ files }, null, 2));
