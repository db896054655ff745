import type { ZodType } from 'zod';

/** One setting of a service: where it comes from, what it may be, what it is for. */
export interface Setting<Value = unknown> {
  /** Name of the environment variable. Written only in a `config.ts`, or in the runtime's shared groups. */
  readonly env: string;
  /** Reads the text of the variable; gets `undefined` where the variable is missing or empty. */
  readonly schema: ZodType<Value>;
  /** One or two sentences for docs/reference/settings.md. */
  readonly doc: string;
  /** Never printed: not in problems, not in logs, not in the reference. */
  readonly secret: boolean;
}

export type SettingsShape = Readonly<Record<string, Setting>>;

/** The parsed values of a shape, by setting name. */
export type SettingsOf<Shape extends SettingsShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Setting<infer Value> ? Value : never;
};

export interface SettingDeclaration<Value> {
  readonly env: string;
  readonly schema: ZodType<Value>;
  readonly doc: string;
  readonly secret?: boolean;
}

/** Declares a setting. Use the formats of `formats.ts` (`integer`, `url`, `text`, …) for `schema`. */
export const setting = <Value>({ secret = false, ...declaration }: SettingDeclaration<Value>): Setting<Value> => ({
  ...declaration,
  secret,
});
