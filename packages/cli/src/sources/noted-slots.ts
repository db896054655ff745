import { join } from 'node:path';
import { createSlotBook, slotStandings, type NotedSlot, type SlotBook, type SlotStanding } from '@vigil/batch';
import { classifyError, VigilError } from '@vigil/core';
import { loadDefinition, sourcesSchema } from '@vigil/definitions';
import { createPool } from '@vigil/postgres';
import { createReferenceResolver, databaseUrl, dropSlot, readKeptLog, type KeptLog } from '@vigil/sources';
import { addressOf } from '../connect/addresses.ts';

export interface ShownSlot extends Pick<NotedSlot, 'source' | 'table' | 'slot'> {
  readonly standing: SlotStanding;
  /** Null = it is gone, or cannot be asked. */
  readonly keptBytes: number | null;
  readonly state: 'read' | 'not-read' | 'gone' | 'away';
  /** Why it cannot be asked. */
  readonly code: string | null;
}

interface Look {
  /** Folder with sources.yaml. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const databaseOf = ({ source, access }: NotedSlot, { environment }: Look) => ({
  name: source,
  url: databaseUrl(access, { source, resolve: createReferenceResolver(environment) }),
});

const standings = ({ folder, environment }: Look) =>
  slotStandings(loadDefinition(join(folder, 'sources.yaml'), sourcesSchema).sources, createReferenceResolver(environment));

async function withBook<Result>(work: (book: SlotBook) => Promise<Result>): Promise<Result> {
  const pool = createPool({ url: addressOf('databaseUrl'), applicationName: 'vigil-cli', maxConnections: 1 });
  try {
    return await work(createSlotBook(pool));
  } finally {
    await pool.end();
  }
}

async function shown(noted: NotedSlot, standing: SlotStanding, look: Look): Promise<ShownSlot> {
  const { source, table, slot } = noted;
  const told = { source, table, slot, standing, keptBytes: null, code: null };
  try {
    const kept = await readKeptLog(databaseOf(noted, look), slot);
    return kept ? { ...told, keptBytes: kept.bytes, state: kept.isRead ? 'read' : 'not-read' } : { ...told, state: 'gone' };
  } catch (error) {
    return { ...told, state: 'away', code: classifyError(error).code };
  }
}

/** The slots that tasks opened, as their databases show them now. */
export const listSlots = (look: Look): Promise<readonly ShownSlot[]> =>
  withBook(async (book) => {
    const standingOf = standings(look);
    return Promise.all((await book.all()).map((noted) => shown(noted, standingOf(noted), look)));
  });

/** The one noted slot that is meant. @throws VigilError BAD_USAGE where there is none, or it is needed */
async function forgottenSlot(book: SlotBook, { source, slot }: Pick<NotedSlot, 'source' | 'slot'>, look: Look): Promise<NotedSlot> {
  const standingOf = standings(look);
  const noted = (await book.all()).filter((each) => each.source === source && each.slot === slot);
  if (noted.length === 0)
    throw new VigilError('BAD_USAGE', { detail: `No task opened slot ${slot} of ${source}: see vigil sources slots.` });
  const forgotten = noted.find((each) => standingOf(each) === 'forgotten');
  if (!forgotten && noted.some((each) => standingOf(each) === 'unknown'))
    throw new VigilError('BAD_USAGE', {
      detail: `A source in ${join(look.folder, 'sources.yaml')} reads a slot ${slot}, and whether it is this one cannot be told: set the addresses of both here.`,
    });
  if (!forgotten)
    throw new VigilError('BAD_USAGE', {
      detail: `Slot ${slot} of ${source} is declared in ${join(look.folder, 'sources.yaml')}: remove its source or table there first.`,
    });
  return forgotten;
}

/**
 * Drops a forgotten slot for good.
 *
 * @param record  told before it takes effect
 * @throws VigilError BAD_USAGE where its source is declared or somebody reads it, SOURCE_AWAY, SOURCE_DENIED, BAD_SETTINGS
 */
export const dropForgottenSlot = (
  names: Pick<NotedSlot, 'source' | 'slot'>,
  look: Look,
  record: () => Promise<unknown>,
): Promise<KeptLog | null> =>
  withBook(async (book) => {
    const noted = await forgottenSlot(book, names, look);
    const database = databaseOf(noted, look);
    await record();
    const kept = await dropSlot(database, noted);
    await book.forget(noted);
    return kept;
  });
