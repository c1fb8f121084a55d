import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STACK_START_MS } from '../testing/fresh-database.js';
import { type RunningLegacy, runLegacy } from '../testing/running-legacy.js';

describe('reading', () => {
  let legacy: RunningLegacy;
  beforeAll(async () => {
    legacy = await runLegacy();
  }, STACK_START_MS);
  afterAll(() => legacy.stop());

  it('gives an order with its details by product, money as it was written, dates without a time', async () => {
    const answer = await legacy.call('GET', '/api/orders/10248');
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    // The text, not the object: names, their order and how numbers are printed are the contract.
    expect(answer.text).toBe(
      '{"OrderID":10248,"CustomerID":"VINET","EmployeeID":5,"OrderDate":"1996-07-04","RequiredDate":"1996-08-01",' +
        '"ShippedDate":"1996-07-16","ShipVia":3,"Freight":32.38,"ShipName":"Vins et alcools Chevalier",' +
        '"ShipAddress":"59 rue de l\'Abbaye","ShipCity":"Reims","ShipRegion":null,"ShipPostalCode":"51100",' +
        '"ShipCountry":"France","PoNumber":null,"Details":[' +
        '{"ProductID":11,"UnitPrice":14,"Quantity":12,"Discount":0},' +
        '{"ProductID":42,"UnitPrice":9.8,"Quantity":10,"Discount":0},' +
        '{"ProductID":72,"UnitPrice":34.8,"Quantity":5,"Discount":0}]}',
    );
  });

  it('gives a customer and a product with every column', async () => {
    expect((await legacy.call('GET', '/api/customers/ANTON')).text).toBe(
      '{"CustomerID":"ANTON","CompanyName":"Antonio Moreno Taquería","ContactName":"Antonio Moreno",' +
        '"ContactTitle":"Owner","Address":"Mataderos  2312","City":"México D.F.","Region":null,' +
        '"PostalCode":"05023","Country":"Mexico","Phone":"(5) 555-3932","Fax":null}',
    );
    expect((await legacy.call('GET', '/api/products/9')).text).toBe(
      '{"ProductID":9,"ProductName":"Mishi Kobe Niku","SupplierID":4,"CategoryID":6,' +
        '"QuantityPerUnit":"18 - 500 g pkgs.","UnitPrice":97,"UnitsInStock":29,"UnitsOnOrder":0,' +
        '"ReorderLevel":0,"Discontinued":1}',
    );
  });

  it.each([
    ['/api/customers/alfki', '/api/customers/ALFKI'],
    ['/api/customers/ALFKI%20', '/api/customers/ALFKI'],
    ['/api/orders/0010248', '/api/orders/10248'],
  ])('gives the same row for %s and %s', async (spelt, kept) => {
    const [one, other] = [await legacy.call('GET', spelt), await legacy.call('GET', kept)];
    expect([one.status, one.text]).toEqual([200, other.text]);
  });

  it.each([
    ['customers', 'CustomerID', 91],
    ['products', 'ProductID', 77],
    ['orders', 'OrderID', 830],
    ['categories', 'CategoryID', 8],
    ['suppliers', 'SupplierID', 29],
    ['shippers', 'ShipperID', 6],
    ['employees', 'EmployeeID', 9],
  ])('pages through all %s by ascending %s, each once', async (table, id, total) => {
    const size = Math.ceil(total / 3);
    const ids: (string | number)[] = [];
    for (let page = 1; page <= 4; page += 1) {
      const { headers, json } = await legacy.call('GET', `/api/${table}?page=${page}&size=${size}`);
      expect(headers.get('x-total-count')).toBe(String(total));
      ids.push(...json.map((row: Record<string, string | number>) => row[id]));
    }
    const ascending = [...ids].sort((a, b) => (a < b ? -1 : 1));
    expect(ids).toEqual(ascending);
    expect(new Set(ids).size).toBe(total);
  });

  it('gives rows in a list as it gives them one by one', async () => {
    const list = await legacy.call('GET', '/api/orders?page=2&size=3');
    for (const row of list.json) {
      expect((await legacy.call('GET', `/api/orders/${row.OrderID}`)).json).toEqual(row);
    }
  });

  it('gives the first 50 rows when nothing is asked', async () => {
    expect((await legacy.call('GET', '/api/orders')).json).toHaveLength(50);
  });

  it('shows no pictures', async () => {
    const employee = (await legacy.call('GET', '/api/employees/1')).json;
    expect(employee).toMatchObject({ LastName: 'Davolio', ReportsTo: 2, Address: '507 - 20th Ave. E.\\nApt. 2A' });
    expect(Object.keys(employee)).not.toContain('Photo');
    expect(Object.keys((await legacy.call('GET', '/api/categories/1')).json)).toEqual([
      'CategoryID',
      'CategoryName',
      'Description',
    ]);
  });

  it('finds all orders of a PO number, of a customer, or of both', async () => {
    await legacy.sql("update orders set po_number = 'PO 7' where order_id in (10248, 10249, 10274)");
    const find = async (query: string) => {
      const { json, headers } = await legacy.call('GET', `/api/orders?${query}`);
      const ids: number[] = json.map((row: { OrderID: number }) => row.OrderID);
      return { ids, total: headers.get('x-total-count') };
    };
    expect(await find('PoNumber=PO%207')).toEqual({ ids: [10248, 10249, 10274], total: '3' });
    expect(await find('PoNumber=PO%207&CustomerID=VINET')).toEqual({ ids: [10248, 10274], total: '2' });
    expect(await find('PoNumber=PO%207&page=2&size=1')).toEqual({ ids: [10249], total: '3' });
    expect(await find('PoNumber=nothing')).toEqual({ ids: [], total: '0' });
    expect((await find('CustomerID=vinet')).total).toBe('5');
  });

  it('finds products by name', async () => {
    const { json } = await legacy.call('GET', '/api/products?ProductName=Chang');
    expect(json.map((row: { ProductID: number }) => row.ProductID)).toEqual([2]);
  });

  it.each([
    '/',
    '/api/order',
    '/api/orders/',
    '/api/orders/1',
    '/api/orders/99999',
    '/api/orders/9999999999',
    '/api/orders/10248.0',
    '/api/orders/abc',
    '/api/customers/NOONE',
    '/api/%',
    `/api/customers/${'x'.repeat(200)}`,
  ])('answers an HTML 404 for %s', async (path) => {
    const { status, headers, text } = await legacy.call('GET', path);
    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(text).toContain('<h2>404 - File or directory not found.</h2>');
  });

  it.each(['POST', 'PUT', 'DELETE'])('knows no %s of what is read only', async (method) => {
    expect((await legacy.call(method, '/api/shippers/1', {})).status).toBe(404);
    expect((await legacy.call(method, '/api/shippers', {})).status).toBe(404);
  });

  it('refuses a page it cannot make sense of as plain text', async () => {
    const { status, headers, text } = await legacy.call('GET', '/api/orders?size=many');
    expect([status, headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8']);
    expect(text).toBe('size must be a whole number from 1 to 1000.');
  });
});
