import type { Column, Table } from './column.js';
import { type ColumnCode, columnCode } from './column-code.js';
import type { IdentityKind } from './field-list.js';
import { camelCase, kebabCase, legacyField, pascalCase, snakeCase, withArticle } from './names.js';
import { refused } from './refused.js';

/** One field of the entity, under all its names. */
export interface Field {
  /** In legacy's database: `company_name`. */
  readonly column: string;
  /** In legacy's API: `CompanyName`. */
  readonly field: string;
  /** In V2: `companyName`. */
  readonly name: string;
  /** In V2's table: `company_name`. */
  readonly v2Column: string;
  readonly nullable: boolean;
  readonly maxLength: number | undefined;
  readonly code: ColumnCode;
  /** For people. */
  readonly doc: string;
}

/** Everything that the templates say. */
export interface EntityModel {
  /** `supplier` */
  readonly entity: string;
  /** `Supplier` */
  readonly Entity: string;
  /** `SUPPLIER` */
  readonly ENTITY: string;
  /** `a supplier` */
  readonly one: string;
  readonly domain: string;
  /** Legacy's table: `suppliers`. */
  readonly table: string;
  /** In words and in V2's routes: `suppliers`. */
  readonly plural: string;
  /** `Suppliers` */
  readonly Plural: string;
  /** In schema v2: `suppliers`. */
  readonly v2Table: string;
  readonly identity: IdentityKind;
  readonly key: Field;
  readonly keyConstraint: string;
  /** All but the key. */
  readonly fields: readonly Field[];
  /** What a state holds: the fields, behind a key that people gave. */
  readonly stateFields: readonly Field[];
  /** What legacy is searched by after an unclear answer; of entities whose ids legacy assigns. */
  readonly search: Field | undefined;
  readonly leftOut: readonly string[];
}

export interface EntityWish {
  readonly entity: string;
  readonly domain: string;
  readonly identity: IdentityKind;
}

/** Names that a state's field cannot have: the answer of the API has them already. */
const OF_THE_ANSWER = new Set(['id', 'version', 'legacyId', 'deleted']);

/** Tables that the projector has in schema v2. */
const OF_THE_PROJECTOR = new Set(['link', 'migration', 'parked', 'sink_offset', 'state']);

/** Names that the code of a package uses for other things, or that the language keeps. */
const TAKEN = new Set(
  `added canonical changed class code codec column columns const data date delete describe enum event evolve example expect export
  false fc flag function id import index it legacy migrations new null package params path projection query row rows state switch
  table testing text this true type typeof undefined v2 var void with z`.split(/\s+/),
);

/** Throws `GENERATOR_REFUSED` with everything that is in the way. */
export function entityModel(wish: EntityWish, table: Table): EntityModel {
  const { entity, domain, identity } = wish;
  const natural = identity === 'natural-key';
  const key = natural ? renamedKey(entity, fieldOf(table, table.key)) : fieldOf(table, table.key);
  const fields = table.columns.map((column) => fieldOf(table, column));
  const stateFields = natural ? [key, ...fields] : fields;
  const search = natural ? undefined : fields.find(({ nullable, code }) => !nullable && code.avro === 'string');
  const problems = [
    ...nameProblems(wish),
    ...stateFields
      .filter(({ name }) => OF_THE_ANSWER.has(name))
      .map(
        ({ column, name }) =>
          `${table.name}.${column} would be ${name}, which every answer of the API has already; leave it out.`,
      ),
    ...twice(stateFields.map(({ name }) => name)).map(
      (name) => `Two columns of ${table.name} would be ${name}; leave one out.`,
    ),
    ...stateFields
      .filter(({ v2Column }) => !/^[a-z][a-z0-9_]{0,62}$/.test(v2Column))
      .map(({ column }) => `${table.name}.${column} makes no name in V2; leave it out and map it by hand.`),
    ...[table.name, table.keyConstraint, ...[table.key, ...table.columns].map(({ name }) => name)]
      .filter((name) => /['"`\\$]/.test(name))
      .map((name) => `The name ${name} cannot stand in code; leave it out, or write the package by hand.`),
    ...(OF_THE_PROJECTOR.has(snakeCase(table.name))
      ? [`V2 has a table ${snakeCase(table.name)} of its own; write the package by hand and give it another one.`]
      : []),
    ...(fields.length === 0 ? [`${table.name} has nothing but its key.`] : []),
    ...(!natural && search === undefined
      ? [
          `${table.name} has no text that is never null. Legacy assigns the id, so after a lost answer the row has to be searched for: ` +
            'write the port by hand, see docs/explanation/linking-and-sending.md.',
        ]
      : []),
  ];
  if (problems.length > 0) throw refused(problems);
  return {
    entity,
    Entity: pascalCase(entity),
    ENTITY: entity.toUpperCase(),
    one: withArticle(entity),
    domain,
    table: table.name,
    plural: kebabCase(table.name),
    Plural: pascalCase(table.name),
    v2Table: snakeCase(table.name),
    identity,
    key,
    keyConstraint: table.keyConstraint,
    fields,
    stateFields,
    search,
    leftOut: table.leftOut,
  };
}

function nameProblems({ entity, domain }: EntityWish): string[] {
  return [
    ...(/^[a-z]+$/.test(entity)
      ? []
      : [`"${entity}" is no entity: one word in small letters, singular, such as supplier.`]),
    ...(TAKEN.has(entity) ? [`"${entity}" has another meaning in the code of a package; choose another word.`] : []),
    ...(/^[a-z]+$/.test(domain) ? [] : [`"${domain}" is no domain: one word in small letters, such as northwind.`]),
  ];
}

function fieldOf(table: Table, { name, type, nullable }: Column): Field {
  const code = columnCode(type, name);
  const limits = [code.limit, nullable ? 'null = not said' : undefined].filter((part) => part !== undefined);
  return {
    column: name,
    field: legacyField(name),
    name: camelCase(name),
    v2Column: snakeCase(name),
    nullable,
    maxLength: type.kind === 'text' ? type.maxLength : undefined,
    code,
    doc: `Legacy's ${table.name}.${name}${limits.length === 0 ? '' : `: ${limits.join('; ')}`}.`,
  };
}

/** A natural key named `id` would be taken for V2's id. */
function renamedKey(entity: string, key: Field): Field {
  return key.name === 'id' ? { ...key, name: `${entity}Id`, v2Column: `${entity}_id` } : key;
}

function twice(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
