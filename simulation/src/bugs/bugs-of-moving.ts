import type { Bug } from './bug.js';

/** How the authority moves, and rows with it. */
export const BUGS_OF_MOVING: readonly Bug[] = [
  {
    name: 'turns-undrained',
    what: 'writes go back although legacy does not have everything yet',
    variant: { movePorts: (ports) => ({ ...ports, unsettled: async () => [] }) },
  },
  {
    name: 'intents-unread',
    what: 'an import does not look at what the porter is sending',
    variant: { porterApi: (api) => ({ ...api, intents: async () => [] }) },
  },
];
