import type { ColumnType } from './column.js';
import { inWords } from './names.js';

/** What a type is called where a column appears in the code of a package. Values are TypeScript. */
export interface ColumnCode {
  readonly typescript: string;
  readonly avro: string;
  /** In the schema of the canonical row. */
  readonly row: string;
  /** In the body of a command, and what has to be imported for it. */
  readonly body: string;
  readonly bodyImport: string;
  /** How legacy's API reads it, and what has to be imported for that. */
  readonly dialect: string;
  readonly dialectImport: string;
  readonly v2: string;
  /** Two values that differ, for the package's tests. */
  readonly example: string;
  readonly other: string;
  /** Any value there is, for fast-check. */
  readonly arbitrary: string;
  /** A value that V2 refuses. */
  readonly malformed: string;
  /** A value that legacy's API refuses, and its words behind the field's name. */
  readonly refused: { readonly value: string; readonly words: string };
  /** For a `doc`. */
  readonly limit: string | undefined;
}

/** @param name of the column, for values that people recognise */
export function columnCode(type: ColumnType, name: string): ColumnCode {
  switch (type.kind) {
    case 'text':
      return textCode(type.maxLength, name);
    case 'smallint':
      return wholeNumberCode('smallint', 32_767);
    case 'integer':
      return wholeNumberCode('integer', 2_147_483_647);
    case 'real':
      return {
        typescript: 'number',
        avro: 'double',
        row: 'column.real',
        body: 'realSchema',
        bodyImport: 'realSchema',
        dialect: 'real()',
        dialectImport: 'real',
        v2: 'double precision',
        example: '1.5',
        other: '2.25',
        arbitrary: 'fc.float({ noNaN: true, noDefaultInfinity: true }).map(asReal)',
        malformed: '123456.789',
        refused: { value: "'1.5'", words: 'must be a number.' },
        limit: 'about seven digits',
      };
    case 'date':
      return {
        typescript: 'string',
        avro: 'string',
        row: 'column.date',
        body: 'plainDateSchema',
        bodyImport: 'plainDateSchema',
        dialect: 'date()',
        dialectImport: 'date',
        v2: 'date',
        example: "'2026-03-04'",
        other: "'2026-03-05'",
        arbitrary: 'fc.integer({ min: 0, max: 40_000 }).map((day) => dayOf(new Date(day * 86_400_000).toISOString()))',
        malformed: "'2026-02-30'",
        refused: { value: "'2026-02-30'", words: 'must be a date, yyyy-mm-dd.' },
        limit: 'a day, yyyy-mm-dd',
      };
  }
}

function textCode(maxLength: number | undefined, name: string): ColumnCode {
  const length = maxLength ?? '';
  const words = inWords(name).slice(0, maxLength);
  return {
    typescript: 'string',
    avro: 'string',
    row: 'column.text',
    body: `textSchema(${length})`,
    bodyImport: 'textSchema',
    dialect: `text(${length})`,
    dialectImport: 'text',
    v2: 'text',
    example: `'${words}'`,
    other: `'${words.replace(/.$/, '!')}'`,
    arbitrary: "fc.string({ unit: 'grapheme' })",
    malformed: maxLength === undefined ? '7' : `'x'.repeat(${maxLength + 1})`,
    refused:
      maxLength === undefined
        ? { value: '7', words: 'must be text.' }
        : { value: `'x'.repeat(${maxLength + 1})`, words: `must not be longer than ${maxLength} characters.` },
    limit: maxLength === undefined ? undefined : `at most ${maxLength} characters`,
  };
}

function wholeNumberCode(kind: 'smallint' | 'integer', largest: number): ColumnCode {
  return {
    typescript: 'number',
    avro: 'int',
    row: `column.${kind}`,
    body: `${kind}Schema`,
    bodyImport: `${kind}Schema`,
    dialect: `${kind}()`,
    dialectImport: kind,
    v2: 'int',
    example: '7',
    other: '8',
    arbitrary: `fc.integer({ min: -${largest + 1}, max: ${largest} })`,
    malformed: String(largest + 1),
    refused: { value: '1.5', words: 'must be a whole number.' },
    limit: `a whole number, at most ${largest}`,
  };
}
