import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';

/** Databases of the fleet; one transaction cannot span both. */
export type DatabaseName = 'vigil' | 'vigil_warehouse';

/** The files of one database in the order of their names, which begin with the time they were written. */
export class MigrationFiles implements Knex.MigrationSource<string> {
  readonly #directory: URL;

  constructor(database: DatabaseName) {
    this.#directory = new URL(`./migrations/${database}/`, import.meta.url);
  }

  getMigrations(): Promise<string[]> {
    const names = readdirSync(fileURLToPath(this.#directory)).filter((name) => name.endsWith('.ts'));
    return Promise.resolve(names.sort());
  }

  getMigrationName(name: string): string {
    return name.replace(/\.ts$/, '');
  }

  getMigration(name: string): Promise<Knex.Migration> {
    return import(new URL(name, this.#directory).href) as Promise<Knex.Migration>;
  }
}
