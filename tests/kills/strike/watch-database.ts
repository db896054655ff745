import pg from 'pg';
import { fireWithoutRun, keptPlace, stepPlace, transactionPlace, unmarkedPlace, type Side } from '../places.ts';
import { anchors } from './anchors.ts';
import { reach } from './reach.ts';

interface Answer {
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
}

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

type Places = (side: Side) => string;

/** What the open transaction of a connection will have done once it is committed. */
const open = new WeakMap<object, Places[]>();
/** Ids of messages of the outbox, by who takes them to Kafka. */
const handedOut = new Set<unknown>();
const relayed = new Set<unknown>();

const isRequest = ({ topic }: Readonly<Record<string, unknown>>): boolean => String(topic).startsWith('workflow.task.requested.');

function statementOf([first, second]: readonly unknown[]): Statement | null {
  if (typeof first === 'string') return { name: '', text: first, values: Array.isArray(second) ? second : [] };
  const { name, text, values } = (first ?? {}) as { name?: unknown; text?: unknown; values?: unknown };
  const given = Array.isArray(values) ? values : Array.isArray(second) ? second : [];
  return typeof text === 'string' ? { name: typeof name === 'string' ? name : '', text, values: given } : null;
}

interface SavedEvent {
  readonly input: { readonly kind: string };
  readonly ignored: string | null;
}

const kindsOf = (values: readonly unknown[]): string[] =>
  (JSON.parse(String(values[0])) as SavedEvent[]).filter(({ ignored }) => ignored === null).map(({ input }) => input.kind);

const isFire = ({ text }: Statement): boolean => text.includes(anchors.fire);
const isKept = ({ text }: Statement): boolean => text.startsWith(anchors.kept);

function before(connection: object, statement: Statement): void {
  const { name, text, values } = statement;
  if (text === 'BEGIN') open.set(connection, []);
  if (name === anchors.steps)
    open.get(connection)?.push(
      ...kindsOf(values).map(
        (kind): Places =>
          (side) =>
            stepPlace(kind, side),
      ),
    );
  if (name === anchors.forget) {
    const ids = values[0] as readonly unknown[];
    if (ids.some((id) => handedOut.has(id))) reach(unmarkedPlace('hand-out'));
    if (ids.some((id) => relayed.has(id))) reach(unmarkedPlace('relay'));
  }
  if (isKept(statement)) reach(keptPlace('before'));
  if (text === 'COMMIT') for (const place of open.get(connection) ?? []) reach(place('before'));
}

function after(connection: object, statement: Statement, { rows = [] }: Answer): void {
  const { name, text } = statement;
  const requests = name === anchors.handOut || name === anchors.claim ? rows.filter(isRequest) : [];
  if (requests.length > 0) {
    for (const { id } of requests) (name === anchors.claim ? relayed : handedOut).add(id);
    open.get(connection)?.push((side) => transactionPlace(name === anchors.claim ? 'relay' : 'hand-out', side));
  }
  if (isFire(statement) && rows.length > 0) {
    open.get(connection)?.push((side) => transactionPlace('fire', side));
    reach(fireWithoutRun);
  }
  if (isKept(statement)) reach(keptPlace('after'));
  if (text !== 'COMMIT') return;
  const done = open.get(connection) ?? [];
  open.delete(connection);
  for (const place of done) reach(place('after'));
}

type Query = (this: object, ...given: unknown[]) => unknown;
type Callback = (error: unknown, answer: Answer) => void;

/** Every statement of this process passes here, on its way to PostgreSQL and back. */
export function watchDatabase(): void {
  const client = pg.Client.prototype as unknown as { query: Query };
  const { query } = client;
  client.query = function (...given) {
    const statement = statementOf(given);
    if (statement === null) return query.apply(this, given);
    before(this, statement);
    const last = given.at(-1);
    if (typeof last === 'function') {
      const told: Callback = (error, answer) => {
        if (!error) after(this, statement, answer);
        (last as Callback)(error, answer);
      };
      return query.apply(this, [...given.slice(0, -1), told]);
    }
    const made = query.apply(this, given);
    if (!(made instanceof Promise)) return made;
    return made.then((answer: Answer) => {
      after(this, statement, answer);
      return answer;
    });
  };
}
