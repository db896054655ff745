import { z } from 'zod';

const operators = ['==', '!=', '<=', '>=', '<', '>'] as const;

/** A condition on what came before: `extract.counts.written > 0`, `parameters.full == true`, `extract.status == 'succeeded'`. */
export interface ParsedCondition {
  /** `parameters` or the name of a task, then fields. */
  readonly left: readonly string[];
  readonly operator: (typeof operators)[number];
  readonly right: string | number | boolean;
}

const conditionPattern = /^\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)\s*(==|!=|<=|>=|<|>)\s*(true|false|-?\d+(?:\.\d+)?|'[^']*'|"[^"]*")\s*$/;

function literalOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.startsWith("'") || text.startsWith('"') ? text.slice(1, -1) : Number(text);
}

/** Undefined where the text is no condition. */
function parseCondition(text: string): ParsedCondition | undefined {
  const [, left, operator, right] = conditionPattern.exec(text) ?? [];
  if (left === undefined || operator === undefined || right === undefined) return undefined;
  return { left: left.split('.'), operator: operator as ParsedCondition['operator'], right: literalOf(right) };
}

const message = `expected a condition such as "extract.counts.written > 0" or "parameters.full == true"`;

/** A condition in a definition, read. */
export const conditionSchema = z.string({ error: message }).transform((text, context) => {
  const condition = parseCondition(text);
  if (condition) return condition;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
