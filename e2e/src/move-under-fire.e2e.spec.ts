import { describeMovesUnderFire } from './testing/moves-under-fire.js';

// Four deaths; all the pairs of process and step are walked by `move-under-fire.e2e.long.spec.ts`.
describeMovesUnderFire({
  writesPerSecond: 20,
  kills: [
    { goal: 'new', step: 'MovePlanned', victim: 'legacy-api-proxy' },
    { goal: 'legacy', step: 'MoveFenced', victim: 'legacy-porter' },
    { goal: 'new', step: 'MoveFenced', victim: 'driver' },
    { goal: 'legacy', step: 'MoveDrained', victim: 'new-api' },
  ],
});
