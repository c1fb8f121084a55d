import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';

describe('the environment', () => {
  it('needs a database alone', () => {
    expect(readConfig({ LEGACY_DATABASE_URL: 'postgres://db/legacy' })).toEqual({
      LEGACY_DATABASE_URL: 'postgres://db/legacy',
      PORT: 4010,
      ADMIN_PORT: 4011,
      HOST: '127.0.0.1',
    });
  });

  it('names everything that is wrong at once, without its value', () => {
    const read = () => readConfig({ LEGACY_DATABASE_URL: 'mysql://user:secret@db', PORT: '99999' });
    expect(read).toThrow(/LEGACY_DATABASE_URL: must be a postgres.*PORT: /);
    expect(read).not.toThrow(/secret/);
  });
});
