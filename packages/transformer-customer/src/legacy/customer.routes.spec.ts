import { importedId } from '@banyan/core';
import { CommandRefused, LegacyRefused } from '@banyan/transformer';
import { legacyRequest, northwindRows, throughRoute, writeRoute } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import type { Customer } from '../customer.js';
import { customer } from '../index.js';
import { type CustomerRow, canonical } from './customer-row.js';

const rows = northwindRows('customers').map(canonical);
const [alfki] = rows;
if (alfki === undefined) throw new Error('there are customers');
const id = importedId('customer', 'ALFKI');

function imported(row: CustomerRow): Customer {
  const state = customer.evolve(undefined, customer.legacy.importRow(row, { id, idOf: importedId }));
  if (state === undefined) throw new Error('an imported customer has a state');
  return state;
}

describe('a customer written through legacy\u2019s API', () => {
  it('makes the row that was sent, for all 91', () => {
    for (const row of rows) {
      const written = throughRoute(customer, 'create', { id, body: row });
      expect(written.command).toMatchObject({ name: 'RegisterCustomer', legacyId: row.CustomerID });
      expect(written.row(row.CustomerID)).toEqual(row);
    }
  });

  it('is not changed by sending back what was read, for all 91', () => {
    for (const row of rows) {
      const params = { CustomerID: row.CustomerID };
      const written = throughRoute(customer, 'replace', { id, params, body: row, state: imported(row) });
      expect([written.command.name, written.event]).toEqual(['ChangeCustomer', undefined]);
    }
  });

  it('is replaced whole: what the body leaves out is emptied, its id stays that of the path', () => {
    const body = { CustomerID: 'OTHER', CompanyName: 'Trees', Fax: '1' };
    const written = throughRoute(customer, 'replace', {
      id,
      params: { CustomerID: ' alfki' },
      body,
      state: imported(alfki),
    });
    const emptied = Object.fromEntries(Object.keys(alfki).map((column) => [column, null]));
    expect(written.command.legacyId).toBe('ALFKI');
    expect(written.row('ALFKI')).toEqual({ ...emptied, CustomerID: 'ALFKI', CompanyName: 'Trees', Fax: '1' });
  });

  it('keeps how V2 was told to take a name apart, as long as legacy sends the same name', () => {
    const contact = { givenName: 'Maria del', familyName: 'Mar', displayName: null };
    const state = { ...imported(alfki), contact };
    const replaced = (ContactName: string) =>
      throughRoute(customer, 'replace', {
        id,
        params: { CustomerID: 'ALFKI' },
        body: { ...alfki, ContactName, City: 'Bonn' },
        state,
      }).state?.contact;
    expect(replaced('Maria del Mar')).toEqual(contact);
    expect(replaced('Maria Mar')).toEqual({ givenName: 'Maria', familyName: 'Mar', displayName: null });
  });

  it('is deleted by its id, whatever the case', () => {
    const written = throughRoute(customer, 'delete', { id, params: { CustomerID: 'alfki' }, state: imported(alfki) });
    expect(written.command).toMatchObject({ name: 'RemoveCustomer', legacyId: 'ALFKI' });
    expect(written.state).toBeUndefined();
  });
});

describe('what legacy refuses', () => {
  const refusal = (route: string, body: unknown, params = {}) => {
    try {
      writeRoute(customer, route).toCommand(legacyRequest({ params, body }));
    } catch (error) {
      if (error instanceof LegacyRefused) return [error.answer.status, error.answer.body];
      throw error;
    }
    return undefined;
  };

  it.each<[string, unknown, number, string]>([
    ['no id', { CompanyName: 'x' }, 400, 'CustomerID is required.'],
    ['an empty id', { CustomerID: ' ', CompanyName: 'x' }, 400, 'CustomerID must not be empty.'],
    ['a long id', { CustomerID: 'LONGER', CompanyName: 'x' }, 400, 'CustomerID must not be longer than 5 characters.'],
    ['no name', { CustomerID: 'BANYA' }, 400, 'CompanyName is required.'],
    ['a number for a text', { CustomerID: 'BANYA', CompanyName: 7 }, 400, 'CompanyName must be text.'],
    ['a list', [], 400, 'The request body must be a JSON object.'],
    ['nothing', '', 400, 'The request body must be a JSON object.'],
    [
      'a null byte',
      { CustomerID: 'BANYA', CompanyName: 'x\u0000' },
      500,
      'Database error: invalid byte sequence for encoding "UTF8": 0x00',
    ],
  ])('%s, in its own words', (_what, body, status, words) => {
    expect(refusal('create', body)).toEqual([status, words]);
  });

  it('an id that no row can have as a row that is not there, before it looks at the body', () => {
    expect(refusal('replace', 'no JSON', { CustomerID: ' ' })).toEqual([404, expect.stringContaining('404 - File')]);
  });

  it('an emoji too many for V2 is one character for legacy as well', () => {
    expect(refusal('create', { CustomerID: 'BANYA', CompanyName: '🌳'.repeat(40) })).toBeUndefined();
    expect(refusal('create', { CustomerID: 'BANYA', CompanyName: '🌳'.repeat(41) })).toEqual([
      400,
      'CompanyName must not be longer than 40 characters.',
    ]);
  });
});

describe('what V2 refuses, in legacy\u2019s words', () => {
  it('is the database\u2019s complaint for a code that is taken', () => {
    const state = imported(alfki);
    expect(() => throughRoute(customer, 'create', { id, body: alfki, state })).toThrow(CommandRefused);
    const problem = { status: 422, code: 'CUSTOMER_EXISTS', detail: 'There already.' };
    const answer = writeRoute(customer, 'create').toRefusal?.(
      problem,
      legacyRequest({ body: { ...alfki, CustomerID: 'alfki' } }),
    );
    expect(answer).toMatchObject({
      status: 500,
      body: 'Database error: duplicate key value violates unique constraint "pk_customers"\nKey (customer_id)=(ALFKI) already exists.',
    });
  });

  it.each(['replace', 'delete'])(
    'is the page for %s of what is not there, and nothing for what legacy has no word for',
    (name) => {
      const route = writeRoute(customer, name);
      const refused = (status: number, code: string) =>
        route.toRefusal?.({ status, code, detail: '' }, legacyRequest({ params: { CustomerID: 'ALFKI' } }))?.status;
      expect(refused(404, 'API_NOT_FOUND')).toBe(404);
      expect(refused(422, 'CUSTOMER_NOT_FOUND')).toBe(404);
      expect(refused(422, 'API_BODY_INVALID')).toBeUndefined();
    },
  );
});

it('answers in legacy\u2019s form', () => {
  const request = legacyRequest({});
  expect(writeRoute(customer, 'create').toAnswer(alfki, request)).toEqual({
    status: 201,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(alfki),
  });
  expect(writeRoute(customer, 'replace').toAnswer(alfki, request).status).toBe(200);
  expect(writeRoute(customer, 'replace').toAnswer(undefined, request).status).toBe(404);
  expect(writeRoute(customer, 'delete').toAnswer(undefined, request)).toEqual({ status: 204, headers: {}, body: '' });
});
