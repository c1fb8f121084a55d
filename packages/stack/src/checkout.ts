import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: two folders above this package, from src/ and from dist/ alike. */
const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/[\\/]$/, '');

/** The folder of everything this checkout's stacks leave on disk; ignored by git. */
const CHECKOUT_STATE = join(CHECKOUT, '.banyan');

/** The Maven project with the exact versions of what runs on Java. */
const POM = fileURLToPath(new URL('../maven/pom.xml', import.meta.url));

export { CHECKOUT, CHECKOUT_STATE, POM };
