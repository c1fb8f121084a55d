import type { AnyEntity } from '@banyan/transformer';
import { Controller, Get, Param, Query, type Type } from '@nestjs/common';
import { problem } from '../problems.js';
import { legacyIdIn } from '../queries/by-legacy-id.js';
import type { V2View } from '../store/v2-store.js';
import { type LegacyOwner, legacyOwner, type OwnerTools } from './legacy-owner.js';
import { type LegacyViewAnswer, legacyView } from './legacy-view.js';
import { viewQueryOf } from './view-query.js';

type QueryString = Readonly<Record<string, unknown>>;

export interface LegacyViewTools extends OwnerTools {
  readonly store: V2View;
  /** All that are migrated. */
  readonly entities: readonly AnyEntity[];
}

/** V2 in legacy's terms, for the proxy. It has no login: bound to HOST, 127.0.0.1 unless said otherwise. */
export function legacyViewController(tools: LegacyViewTools): Type<unknown> {
  const entityOf = (name: string): AnyEntity => {
    const entity = tools.entities.find((each) => each.name === name);
    if (entity !== undefined) return entity;
    throw problem('API_NOT_FOUND', `No entity ${JSON.stringify(name)} is being migrated.`);
  };

  @Controller('internal')
  class LegacyViewController {
    @Get('legacy-view/:entity')
    view(@Param('entity') name: string, @Query() query: QueryString): Promise<LegacyViewAnswer> {
      return legacyView(tools.store, entityOf(name), viewQueryOf(query));
    }

    @Get('owner/:entity')
    owner(@Param('entity') name: string, @Query() query: QueryString): Promise<LegacyOwner> {
      const entity = entityOf(name);
      return legacyOwner(tools, entity, legacyIdIn(entity, query.legacyId));
    }
  }
  return LegacyViewController;
}
