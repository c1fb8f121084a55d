/** What an arm's code, in its own process, has of the process that measures. */
export interface ArmTools {
  /** From here its CPU seconds count. */
  begin(): void;
  /** So far. */
  cpuSeconds(): number;
  /** Tells the other side that it is up, and with what. */
  ready(info: ArmInfo): void;
  /** Resolves when the other side has had enough. */
  stopped(): Promise<void>;
}

export type ArmInfo = Readonly<Record<string, string | number>>;

/** The module of an arm: does its work and answers what it measured itself; CPU and memory are added. */
export type Arm<I> = (input: I, tools: ArmTools) => Promise<Readonly<Record<string, number>>>;

/** From the measuring process. */
export type ToArm =
  | { readonly arm: string; readonly input: unknown }
  | { readonly begin: true }
  | { readonly stop: true };

/** From the arm. */
export type FromArm =
  | { readonly ready: ArmInfo }
  | { readonly done: Readonly<Record<string, number>> }
  | { readonly failed: string };
