import { removeContainers } from './runtime.js';

/** Started by a process in its last moment, to do what takes time: `end-containers.js keep|discard <id>...` */
const [data, ...ids] = process.argv.slice(2);
await removeContainers(ids, data === 'keep');
