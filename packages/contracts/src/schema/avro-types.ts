/** The part of Avro's schema language that Vigil uses, as TypeScript sees it. */

export type AvroPrimitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string';

export interface AvroLogical {
  readonly type: AvroPrimitive;
  readonly logicalType?: string;
}

export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroType;
}

export interface AvroMap {
  readonly type: 'map';
  readonly values: AvroType;
}

export interface AvroFixed {
  readonly type: 'fixed';
  readonly name: string;
  readonly namespace?: string;
  readonly size: number;
}

export interface AvroEnum {
  readonly type: 'enum';
  readonly name: string;
  readonly namespace?: string;
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly default?: unknown;
  readonly doc?: string;
  readonly aliases?: readonly string[];
  /** Unit of measure as UCUM, where the field is a quantity. */
  readonly unit?: string;
  readonly loinc?: string;
  /** Kind of identifier the field is, from the vocabulary of `sensitivity.ts`. */
  readonly phi?: unknown;
  /** What de-identification does with the field, from the vocabulary of `sensitivity.ts`. */
  readonly deid?: unknown;
}

/** A type: a name (of a primitive or of a type defined earlier), a definition, or a union of them. */
export type AvroType = string | AvroLogical | AvroArray | AvroMap | AvroFixed | AvroEnum | AvroRecord | readonly AvroType[];

/** Whether `type` defines a record (a name that refers to one does not). */
export const isAvroRecord = (type: unknown): type is AvroRecord =>
  typeof type === 'object' && type !== null && (type as AvroRecord).type === 'record';

export const isAvroUnion = (type: AvroType): type is readonly AvroType[] => Array.isArray(type);
