import type { AnyEntity } from './entity.js';
import { isTransactional, type SqlTarget } from './port.js';
import { topicOf } from './topic.js';

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const PASCAL = /^[A-Z][A-Za-z0-9]*$/;
const IDENTIFIER = /^[a-z][a-z0-9_]*$/;

/** Everything that is wrong with a definition, in words; empty when nothing is. */
export function definitionProblems(entity: AnyEntity): readonly string[] {
  return [
    ...nameProblems(entity),
    ...eventProblems(entity),
    ...restatementProblems(entity),
    ...routeProblems(entity),
    ...tableProblems(entity),
    ...portProblems(entity),
    ...legacyRouteProblems(entity),
    ...compareProblems(entity),
  ];
}

function nameProblems(entity: AnyEntity): string[] {
  const problems: string[] = [];
  if (!KEBAB.test(entity.name)) problems.push(`name ${entity.name} must be kebab-case`);
  if (!KEBAB.test(entity.domain)) problems.push(`domain ${entity.domain} must be kebab-case`);
  if (!Number.isSafeInteger(entity.version) || entity.version < 1) {
    problems.push(`version ${entity.version} must be a whole number from 1`);
  }
  const refersTo = entity.refersTo ?? [];
  problems.push(...repeated(refersTo, 'refersTo'));
  if (refersTo.includes(entity.name) && entity.legacy.identity.type === 'assigned-by-legacy') {
    problems.push('refersTo names the entity itself: ids that legacy assigns must not depend on each other');
  }
  return problems;
}

function eventProblems(entity: AnyEntity): string[] {
  const topic = topicOf(entity);
  const names = entity.events.map((type) => type.name);
  return [
    ...(names.length === 0 ? ['events is empty'] : []),
    ...repeated(names, 'event'),
    ...names
      .filter((name) => !name.startsWith(`${topic}.`))
      .map((name) => `event ${name} is not of the topic ${topic}: its name space must be the topic's name`),
  ];
}

function restatementProblems(entity: AnyEntity): string[] {
  const name = entity.restated?.type.name;
  if (name === undefined) return [];
  const due = `${topicOf(entity)}.${pascal(entity.name)}Restated`;
  return [
    ...(name === due ? [] : [`restated is ${name}, and must be ${due}`]),
    ...(entity.events.some((type) => type.name === name) ? [] : [`restated ${name} is not among the events`]),
  ];
}

function pascal(kebab: string): string {
  return kebab.replace(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

function routeProblems(entity: AnyEntity): string[] {
  const problems: string[] = [];
  const { commands, queries } = entity;
  problems.push(
    ...repeated(
      [...commands, ...queries].map((part) => part.name),
      'command or query',
    ),
  );
  problems.push(...repeated(routesOf(entity), 'route'));
  for (const command of commands) {
    const { method, path } = command.http;
    const creates = !path.includes('/:id');
    if (!PASCAL.test(command.name)) problems.push(`command ${command.name} must be PascalCase`);
    if (!/^\/v2\/[a-z][a-z0-9-]*(\/:id(\/[a-z][a-z0-9-]*)?)?$/.test(path)) {
      problems.push(`command ${command.name}: path ${path} must be /v2/<entities>, with /:id or /:id/<verb> behind it`);
    }
    if (creates && method !== 'POST') problems.push(`command ${command.name}: ${method} ${path} needs /:id`);
    const derives = entity.legacy.identity.type === 'derived';
    if (creates && derives && command.legacyIdOf === undefined) {
      problems.push(`command ${command.name} creates an entity with a natural key, so it needs legacyIdOf`);
    }
    if (command.legacyIdOf !== undefined && !(creates && derives)) {
      problems.push(`command ${command.name}: legacyIdOf is for creates of entities whose legacy id is derived`);
    }
  }
  if (queries.filter((query) => query.type === 'one').length > 1) problems.push("only one query may have type 'one'");
  return problems;
}

function tableProblems(entity: AnyEntity): string[] {
  const problems = [
    ...repeated(
      entity.projections.map((projection) => projection.table),
      'table',
    ),
    ...repeated(
      entity.migrations.map((migration) => migration.name),
      'migration',
    ),
  ];
  for (const { table, key, columns } of entity.projections) {
    for (const name of [table, ...Object.keys(columns)]) {
      if (!IDENTIFIER.test(name)) problems.push(`table ${table}: ${name} must be a lower-case SQL identifier`);
    }
    if (columns[key] !== 'uuid')
      problems.push(`table ${table}: its key column ${key} must be among the columns, as uuid`);
  }
  return problems;
}

function portProblems(entity: AnyEntity): string[] {
  const { ports } = entity.legacy;
  const problems = repeated(
    ports.map((port) => port.name),
    'port',
  );
  const primary = ports.filter((port) => port.primary).length;
  if (primary !== 1) problems.push(`exactly one port must be primary, found ${primary}`);
  for (const { name, primary, target } of ports) {
    if (!KEBAB.test(name)) problems.push(`port ${name} must be kebab-case: it is part of a consumer group's name`);
    // Imports look for open sends in the journal, which a transaction at legacy needs none of; and what is not the primary port learns
    // nothing from imports, so without a marker it could never tell its own rows from others'.
    if (primary === isTransactional(target)) {
      problems.push(
        `port ${name} must be ${primary ? 'over HTTP, being primary' : 'transactional, not being primary'}`,
      );
    }
    if (isTransactional(target)) {
      problems.push(...databaseProblems(name, target));
      continue;
    }
    if (!(target.settleAfterMs >= 0))
      problems.push(`port ${name}: settleAfterMs ${target.settleAfterMs} must be 0 or more`);
    if (!target.ifMatch && target.compareAndSetWindow.trim() === '')
      problems.push(`port ${name}: compareAndSetWindow must say the window`);
  }
  return problems;
}

function databaseProblems(port: string, { database, select }: SqlTarget): string[] {
  const problems: string[] = [];
  if (!KEBAB.test(database)) problems.push(`port ${port}: database ${database} must be kebab-case`);
  if (!/\$1\b/.test(select) || !/\bfor\s+update\b/i.test(select)) {
    problems.push(`port ${port}: select must take the legacy id as $1 and lock the row with for update`);
  }
  return problems;
}

function legacyRouteProblems(entity: AnyEntity): string[] {
  const { routes, searches = {} } = entity.legacy;
  const problems = [
    ...repeated(
      routes.map(({ name }) => name),
      'legacy route',
    ),
    ...repeated(legacyRoutesOf(entity), 'legacy route'),
  ];
  for (const { name, kind, method, path } of routes) {
    if (!KEBAB.test(name)) problems.push(`legacy route ${name} must be kebab-case: read modes are set by its name`);
    if (!/^(\/(:?[\w.~-]+))+$/.test(path)) {
      problems.push(`legacy route ${name}: path ${path} must be segments, each fixed or a :Parameter, without a query`);
    }
    if ((kind === 'read') !== (method === 'GET')) {
      problems.push(`legacy route ${name}: ${method} cannot be a ${kind}; reads are GET and writes are not`);
    }
  }
  for (const [name, sql] of Object.entries(searches)) {
    if (!sql.includes('$1') || sql.includes('$2')) problems.push(`search ${name} must have exactly one parameter, $1`);
  }
  return problems;
}

function compareProblems(entity: AnyEntity): string[] {
  const { ignores, losses } = entity.legacy.compare;
  return [
    ...repeated(
      [...ignores, ...losses].map((part) => part.name),
      'ignore or loss',
    ),
    ...[...ignores, ...losses].filter((part) => part.reason.trim() === '').map((part) => `${part.name} has no reason`),
  ];
}

/** `POST /v2/orders`; a parameter's name makes no other route. */
export function routesOf(entity: AnyEntity): readonly string[] {
  const route = (method: string, path: string) => `${method} ${path.replace(/:[A-Za-z]+/g, ':id')}`;
  return [
    ...entity.commands.map(({ http }) => route(http.method, http.path)),
    ...entity.queries.map((query) => route('GET', query.path)),
  ];
}

/** `GET /api/orders`; a parameter's name makes no other route. */
export function legacyRoutesOf(entity: AnyEntity): readonly string[] {
  return entity.legacy.routes.map(({ method, path }) => `${method} ${path.replace(/:[^/]+/g, ':id')}`);
}

export function repeated(names: readonly string[], what: string): string[] {
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...twice].map((name) => `${what} ${name} is there twice`);
}
