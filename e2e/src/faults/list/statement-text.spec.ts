import { describe, expect, it } from '@jest/globals';
import { inserts, sets } from './statement-text.js';

describe('a statement', () => {
  it.each([
    'insert into porter.intent as i (key) values ($1)',
    'insert into "porter"."intent" (key) select c1 from unnest($1::uuid[]) as u (c1)',
    'with held as (select 1), opened as (\n  insert into porter.intent (key) select key from held) select claim from held',
  ])('that inserts into a table is known: %s', (text) => {
    expect(inserts('porter', 'intent').test(text)).toBe(true);
    expect(inserts('porter', 'inten').test(text)).toBe(false);
    expect(inserts('v2', 'intent').test(text)).toBe(false);
  });

  it.each([
    "update porter.intent set state = 'closed', closed_at = now() where key = $1",
    `update "porter"."intent" as i set outcome = c.outcome, state = 'closed' from unnest($1::uuid[]) as c(key)`,
    "update porter.intent i set closed_at = now(),\n  state = 'closed'",
  ])('that sets something in a table is known: %s', (text) => {
    expect(sets('porter', 'intent', "state = 'closed'").test(text)).toBe(true);
    expect(sets('porter', 'intent', "state = 'open'").test(text)).toBe(false);
    expect(sets('porter', 'work', "state = 'closed'").test(text)).toBe(false);
  });
});
