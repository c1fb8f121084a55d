import type { Clock } from '@banyan/core';
import type { Dispatcher } from 'undici';
import { type AnswerHeaders, classifyAnswer, type LegacyAnswer } from './legacy-answer.js';

interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly mayWrite: (() => boolean) | undefined;
  readonly settle: (answer: LegacyAnswer) => void;
}

/**
 * One request and its answer. undici calls `onRequestStart` in the same turn in which it writes the request to the socket, so
 * everything that ends before that call was certainly not executed, and everything after it is unclear until the answer is
 * complete.
 */
export class LegacyExchange implements Dispatcher.DispatchHandler {
  private readonly timer: NodeJS.Timeout;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private status = 0;
  private headers: AnswerHeaders = {};
  private controller: Dispatcher.DispatchController | undefined;
  private written = false;
  private settled = false;

  constructor(private readonly options: ExchangeOptions) {
    this.timer = setTimeout(() => this.giveUp(`no answer within ${options.timeoutMs} ms`), options.timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.settled) controller.abort(new Error('given up before it was written'));
    else if (this.options.mayWrite?.() === false) this.giveUp('the sender no longer holds its lease');
    else this.written = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.options.maxBodyBytes) {
      this.giveUp(`HTTP ${this.status} with more than ${this.options.maxBodyBytes} bytes`);
    } else {
      this.chunks.push(chunk);
    }
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.chunks).toString('utf8');
    this.settle(classifyAnswer(this.status, this.headers, body, this.options.clock.now()));
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.giveUp(`${(error as NodeJS.ErrnoException).code ?? error.name}: ${error.message}`);
  }

  private giveUp(reason: string): void {
    this.settle({ type: this.written ? 'unclear' : 'not-sent', reason });
    this.controller?.abort(new Error(reason));
  }

  private settle(answer: LegacyAnswer): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    this.options.settle(answer);
  }
}
