#!/usr/bin/env node
// Committed so that `npx banyan` finds it before the first build.
import('../dist/main.js').catch((error) => {
  const unbuilt = error?.code === 'ERR_MODULE_NOT_FOUND' && String(error.url ?? '').endsWith('cli/dist/main.js');
  process.stderr.write(unbuilt ? 'banyan is not built yet: npm run build\n' : `${error?.stack ?? error}\n`);
  process.exit(1);
});
