import { Controller, Get, Inject } from '@nestjs/common';

export const STATUS = Symbol('status');

/** What operators see of the proxy. Plain data, made when asked for. */
export interface ProxyStatus {
  status(): object;
  mismatches(): readonly object[];
}

/** On the admin port, never at legacy's address. Bound to HOST, 127.0.0.1 unless said otherwise: it has no login of its own. */
@Controller('internal')
export class StatusController {
  constructor(@Inject(STATUS) private readonly proxy: ProxyStatus) {}

  @Get('status')
  status(): object {
    return this.proxy.status();
  }

  @Get('mismatches')
  mismatches(): object {
    return { mismatches: this.proxy.mismatches() };
  }
}
