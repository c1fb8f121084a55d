export { type Gate, type GateEntity, gateOf, type PrepareSituation, prepareDue } from '../gate/write-gate.js';
