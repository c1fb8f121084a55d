export { checkLawOfRestating } from './law-of-restating.js';
export { checkLawOfThePort, type LossManifest, manifestText } from './law-of-the-port.js';
export { northwindRows } from './northwind.js';
export { type Circumstances, type Decided, type Given, type KnownEntity, scenariosOf } from './scenario.js';
export { type LegacyWrite, legacyRequest, throughRoute, type Written, writeRoute } from './through-route.js';
