import type { StackConfig } from '../config.js';
import type { StackRecorder } from '../ownership/stack-record.js';
import type { ProviderName, ServiceName, StackService } from '../stack.js';

/** A service that this process started. */
interface OwnService extends StackService {
  /** For the end of the stack: an orderly one where the data is to be kept. Nothing of it is left. */
  end(keepData: boolean): Promise<void>;
  /** For the last moment of this process, when nothing can be awaited: an orderly end where the data is to be kept. */
  abort(keepData: boolean): void;
}

interface StartContext {
  readonly config: StackConfig;
  /** The parts to start. */
  readonly only: readonly ServiceName[];
  readonly dataDirectory: string;
  readonly ephemeral: boolean;
  /** `StackOptions.durable` */
  readonly durable: boolean;
  /** `StackOptions.longRunning` */
  readonly longRunning: boolean;
  /** `StackOptions.kafkaLinkPort` */
  readonly kafkaLinkPort: number | undefined;
  readonly recorder: StackRecorder;
  readonly say: (line: string) => void;
  /** Starts a service and answers for its end; throws when the stack is being stopped already. */
  readonly launch: (service: OwnService) => Promise<void>;
}

/** Where the parts listen, by name; those left out are undefined. */
type Addresses = Partial<Record<ServiceName, string>>;

/** A way to get the parts. */
interface Provider {
  readonly name: ProviderName;
  /** Why it was chosen, to be read after "because". */
  readonly why: string;
  start(context: StartContext): Promise<Addresses>;
}

export type { Addresses, OwnService, Provider, StartContext };
