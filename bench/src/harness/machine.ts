import { cpus, totalmem } from 'node:os';

/** Where figures were measured. Of a ratio it matters less than of a figure, and still. */
export interface Machine {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
}

export function thisMachine(): Machine {
  const [first] = cpus();
  return {
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    cores: cpus().length,
    cpu: first?.model.trim() ?? 'unknown',
    memoryGb: Math.round(totalmem() / 2 ** 30),
  };
}
