import { type Codec, RECEIPTS_TOPIC } from '@banyan/contracts';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { inMemoryCodec } from '@banyan/contracts/testing';
import { CONTROL_TYPES, type Control, createControl } from '@banyan/control';
import { systemClock } from '@banyan/core';
import { Random } from '@banyan/core/testing';
import type { PorterApi } from '@banyan/importing';
import { InMemoryEventLog } from '@banyan/kafka/testing';
import { MemoryDatabase, type MemorySession } from '@banyan/postgres/testing';
import { Scheduler } from '../platform/scheduler.js';
import { CONTROL_TOPIC, PARTITIONS, TOPIC } from './api.js';
import { Apps } from './apps.js';
import { DeployedCode } from './deployed-code.js';
import { Happenings } from './happenings.js';
import { Ledger } from './ledger.js';
import { Legacy } from './legacy.js';
import { MakingGood } from './making-good.js';
import { Meddler } from './meddler.js';
import { People } from './people.js';
import { porterApiOf } from './porter-journal.js';
import type { Process } from './process.js';
import { ProcessLog, type Wire } from './process-log.js';
import { Repair } from './repair.js';
import { effectsOf, leftInWords, leftToDo } from './rest.js';
import { Supervisor } from './supervisor.js';
import { AS_IN_PRODUCTION, type Variant } from './variant.js';
import { climateOf, Weather } from './weather.js';

/** Until everything that clients and operators began has to be over, virtual milliseconds. */
const LIMIT_MS = 1_800_000;
/** Bad weather passes: else nobody could say that a world has come to an end. */
const CALM_AFTER_MS = 60_000;
const REPAIRED_SALT = 7_919;
/** Rarer than in production: what is looked for in vain costs steps, and shows nothing. */
const CONTROL_POLL_MS = 1_000;

/** The codec of notes: JSON, so that a history can be read. */
export const NOTES: Codec = {
  prepare: async () => undefined,
  encode: (_type, data) => Buffer.from(JSON.stringify(data)),
  decode: async (_type, value) => JSON.parse(Buffer.from(value ?? []).toString()),
};

/** Of the platform's topics: the same in every world, and costly to make. */
const CODECS = { control: inMemoryCodec(CONTROL_TYPES), receipts: inMemoryCodec([EventHandled]) };

export interface WorldOptions {
  readonly variant?: Variant;
  /** Told what happens, with the virtual time in milliseconds; for whoever looks for the reason of a bad seed. */
  readonly tell?: (atMs: number, what: string) => void;
}

/** A whole migration in one process, under one seed: its stores, its log, its legacy, and what every process has of them. */
export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly variant: Variant;
  readonly log = new InMemoryEventLog();
  readonly v2 = new MemoryDatabase();
  readonly porter = new MemoryDatabase();
  readonly api = new MemoryDatabase();
  readonly ledger = new Ledger();
  readonly happenings = new Happenings();
  readonly code: DeployedCode;
  /** Whether somebody pauses consumers in it. */
  readonly isPaused: boolean;
  /** Whether somebody gives things up in it, and has them made good. */
  readonly isRepaired: boolean;
  readonly legacy: Legacy;
  readonly supervisor: Supervisor;
  readonly meddler = new Meddler(this);
  readonly wire: Wire;
  readonly #tell: WorldOptions['tell'];
  readonly #codecs = new Map<'control' | 'receipts', Codec>();
  /** What was wrong in the midst of it. */
  readonly problems: string[] = [];
  #ids = 0;

  constructor(seed: number, { variant = AS_IN_PRODUCTION, tell }: WorldOptions = {}) {
    this.variant = variant;
    this.#tell = tell;
    this.random = new Random(seed);
    this.scheduler = new Scheduler(this.random);
    this.weather = new Weather(this.random, climateOf(this.random));
    // Drawn apart, so that the others are as they would be without.
    this.isRepaired = new Random(seed + REPAIRED_SALT).chance(0.3);
    this.code = new DeployedCode(this.random, this.isRepaired);
    this.isPaused = this.random.chance(0.25);
    // Every other world's legacy compares by If-Match, the others' porters have to look first.
    this.legacy = new Legacy(this, seed % 2 === 0);
    this.supervisor = new Supervisor(this);
    const { log, scheduler, weather, happenings } = this;
    this.wire = { log, scheduler, weather, random: this.random, happenings, delivered: new Map() };
  }

  /** Lets the world live until its people have what they wanted and everything is at rest. Answers what did not come to its end. */
  async live(): Promise<readonly string[]> {
    this.tell(`the weather: ${JSON.stringify(this.weather.climate)}`);
    for (const name of ['control', 'receipts'] as const) this.#codecs.set(name, await CODECS[name]);
    await this.log.createTopics([
      { name: TOPIC, partitions: PARTITIONS },
      { name: CONTROL_TOPIC, partitions: 1 },
      { name: RECEIPTS_TOPIC, partitions: 1 },
    ]);
    const apps = new Apps(this);
    const people = new People(this, apps);
    new Repair(this, apps).begin();
    const makingGood = new MakingGood(this, apps);
    makingGood.begin();
    this.scheduler.addFor(undefined, CALM_AFTER_MS, () => this.weather.calm());
    const isOver = () => people.unfinished().length === 0;
    const isAtRest = (isFirst = false) =>
      leftToDo(this).every(({ key }) => isFirst && this.meddler.hasLeft(key)) && !makingGood.isAtIt;
    if (!(await this.#until(isOver))) return people.unfinished();
    this.weather.calm();
    // What nobody touched since it was changed in legacy is what a backfill is for; the second one changes nothing.
    for (const which of ['first', 'second']) {
      if (!(await this.#until(() => isAtRest(which === 'first')))) return leftInWords(this);
      const before = effectsOf(this);
      people.backfill();
      if (!(await this.#until(isOver))) return [`the ${which} backfill`];
      if (which === 'second' && effectsOf(this) !== before) return ['a second backfill changed something'];
    }
    if (!(await this.#until(() => isAtRest()))) return leftInWords(this);
    if (!this.isRepaired) return [];
    // What is like its state is not changed by being made anew.
    const before = effectsOf(this);
    void makingGood.everything();
    if (!(await this.#until(() => isAtRest()))) return ['everything made anew', ...leftInWords(this)];
    return effectsOf(this) === before ? [] : ['what was made anew was not like before'];
  }

  tell(what: string): void {
    this.#tell?.(this.scheduler.nowMs, what);
  }

  newId(): string {
    this.#ids += 1;
    return `01900000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
  }

  /** A process's pool. */
  session(database: MemoryDatabase, process: Process): MemorySession {
    const session = database.session(process.step);
    process.onEnd(() => session.kill());
    return session;
  }

  /** The porter's journal as a process asks it. */
  porterApi(process: Process): PorterApi {
    const api = porterApiOf(this.session(this.porter, process));
    return this.variant.porterApi?.(api) ?? api;
  }

  /** The control log as a process follows it, once `follow` is called. */
  control(process: Process): Control {
    return createControl({
      log: new ProcessLog(this.wire, process),
      codec: this.codec('control'),
      topicPrefix: '',
      instance: process.name,
      newId: () => this.newId(),
      clock: systemClock,
      pollMs: CONTROL_POLL_MS,
    });
  }

  codec(of: 'control' | 'receipts'): Codec {
    const codec = this.#codecs.get(of);
    if (codec === undefined) throw new Error('the world has not begun');
    return codec;
  }

  #until(condition: () => boolean): Promise<boolean> {
    return this.scheduler.run(condition, this.scheduler.nowMs + LIMIT_MS);
  }
}
