import type { GeneratedCode } from './generated-code.ts';
import { leastBytesOf, type RecordNode, type SchemaNode, type UnionNode } from './schema-node.ts';

/** Bytes of a value whose length its type tells; null = it must be read. */
function fixedBytes(node: SchemaNode): number | null {
  switch (node.kind) {
    case 'boolean':
      return 1;
    case 'float':
      return 4;
    case 'double':
      return 8;
    case 'fixed':
      return node.size;
    default:
      return null;
  }
}

/** Writes the statements that pass over a value without decoding it. */
export class SkipCode {
  readonly #code: GeneratedCode;
  readonly #least: Map<SchemaNode, number>;
  readonly #records = new Map<RecordNode, string>();

  constructor(code: GeneratedCode, least: Map<SchemaNode, number>) {
    this.#code = code;
    this.#least = least;
  }

  statement(node: SchemaNode): string {
    // What takes no bytes needs no code; also a schema could ask for exponentially much of it.
    if (leastBytesOf(node, this.#least) === 0) return '';
    switch (node.kind) {
      case 'boolean':
      case 'float':
      case 'double':
      case 'fixed':
        return `c.skip(${fixedBytes(node)});`;
      case 'bytes':
      case 'string':
        return 'c.skipSized();';
      case 'array':
        return this.#items(node.items, '');
      case 'map':
        return this.#items(node.values, 'c.skipSized();');
      case 'union':
        return this.#union(node);
      case 'record':
        return `${this.#record(node)}();`;
      case 'null':
      case 'int':
      case 'long':
      case 'enum':
        return 'c.skipLong();';
    }
  }

  #items(items: SchemaNode, key: string): string {
    const least = leastBytesOf(items, this.#least) + (key === '' ? 0 : 1);
    const count = `c.skipBlockCount(${least})`;
    return `for (let n = ${count}; n !== 0; n = ${count}) for (let i = 0; i < n; i++) { ${key} ${this.statement(items)} }`;
  }

  #union({ branches }: UnionNode): string {
    const cases = branches.map((branch, index) => `case ${index}: { ${this.statement(branch)} break; }`);
    return `switch (c.branch(${branches.length})) { ${cases.join(' ')} }`;
  }

  /** Neighbours of known length are passed over in one step. */
  #fields({ fields }: RecordNode): string {
    const statements: string[] = [];
    let bytes = 0;
    const passBytes = (): void => {
      if (bytes > 0) statements.push(`c.skip(${bytes});`);
      bytes = 0;
    };
    for (const { type } of fields) {
      const fixed = fixedBytes(type);
      bytes += fixed ?? 0;
      if (fixed !== null) continue;
      passBytes();
      statements.push(this.statement(type));
    }
    passBytes();
    return statements.join(' ');
  }

  #record(record: RecordNode): string {
    const known = this.#records.get(record);
    if (known) return known;
    const name = this.#code.name('s');
    this.#records.set(record, name);
    const body = this.#fields(record);
    const guarded = record.recursive ? `c.enter(); ${body} c.leave();` : body;
    this.#code.add(`function ${name}() { ${guarded} }`);
    return name;
  }
}
