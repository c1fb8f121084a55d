// The Kubernetes manifests, rendered, and the compose file, against what they run: see tools/manifests. Asks the apps' own
// configuration, so everything has to be built before.
import { existsSync } from 'node:fs';

const MAIN = new URL('./manifests/dist/main.js', import.meta.url);

if (!existsSync(MAIN)) {
  process.stderr.write('not built yet: npm run build\n');
  process.exit(1);
}
await import(MAIN.href);
