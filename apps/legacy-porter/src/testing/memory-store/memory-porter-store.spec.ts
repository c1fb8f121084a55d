import { porterStoreContract } from '../../store/porter-store.contract.js';
import { memoryWorlds } from '../memory-world.js';

porterStoreContract('the porter’s store in memory', memoryWorlds);
