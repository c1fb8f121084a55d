import type { SwitchStatements } from '../../store/porter-store.js';
import type { Place } from './place.js';
import { type SwitchRow, TABLE } from './rows.js';

export function switchStatements(place: Place): SwitchStatements {
  return {
    lockSwitch: (consumer, how) => place.lock(`switch of ${consumer}`, how),

    saveSwitch: (to) =>
      place.run('switch: save', (tables) => {
        let saved = false;
        tables.upsert<SwitchRow>(TABLE.switch, [to.consumer], (_, found) => {
          saved = found === undefined || found.version < to.version;
          return saved ? { consumer: to.consumer, mode: to.mode, version: to.version } : undefined;
        });
        return saved;
      }),

    isOff: (consumer) =>
      place.run('switch: is off', (tables) => tables.get<SwitchRow>(TABLE.switch, consumer)?.mode === 'off'),
  };
}
