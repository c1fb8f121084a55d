export { absence, databaseError, deleted, jsonAnswer, notFound, plainText, refused, rowAnswer } from './answers.js';
export { asObject, jsonBody, readBody } from './body.js';
export {
  type Column,
  type Columns,
  code,
  date,
  flag,
  integer,
  readFields,
  real,
  required,
  requireStorable,
  smallint,
  text,
  type Values,
} from './columns.js';
export { exactly } from './exactly.js';
export { type Page, pageOf, textIn } from './query-string.js';
export { refuses } from './refuses.js';
export { type TableReader, tableReader } from './table-reader.js';
export {
  changeRoute,
  codeOfPath,
  createRoute,
  listRoute,
  numberOfPath,
  oneRoute,
  type TableRoutes,
} from './table-routes.js';
export { type CreateUnderNextId, createUnderGivenId, createUnderNextId, tableTarget } from './table-target.js';
