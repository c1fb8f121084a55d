import { storable } from '@banyan/postgres';
import type { Remember } from '@banyan/sink';
import { givenUpBecause } from '../repairs/send-receipt.js';
import { type IntakeOptions, isOf, receiptOf, writeImports } from './intake.js';
import { planChange } from './plan-change.js';

/**
 * What changes tell a port although what they mean for it was given up. Of an import which row of legacy it read: without that link a later
 * update would find no row, and a re-port would make a second one. Of an event of V2 its receipt: whoever waits for it hears who gave it
 * up and why, and so does a porter whose database was lost.
 */
export function remember<Handle>(options: IntakeOptions<Handle>): Remember<Handle> {
  const { entity, port, primary, writer } = options;
  return async (handle, changes, word) => {
    const tx = options.store.within(handle);
    const effects = changes.map(planChange);
    if (primary) await writeImports(tx, options, `${entity.name}.${port}`, effects.filter(isOf('imported')));
    const reason = storable(givenUpBecause(word));
    const receipts = effects.flatMap((effect) => {
      if (effect.type === 'send')
        return [receiptOf(options, { ...effect, type: 'receipt', outcome: 'discarded', reason }, effect.operation)];
      return effect.type === 'receipt' ? [receiptOf(options, effect)] : [];
    });
    await tx.addReceipts(writer, receipts);
  };
}
