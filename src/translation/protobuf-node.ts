import type { BodyNode, EncodableNode } from './body-node.ts';
import { parseJson } from './json-node.ts';
import type { FieldType, MessageSchema } from './protobuf-schemas.ts';
import { encodeField, LENGTH_DELIMITED, readWireFields, type WireField } from './protobuf-wire.ts';

const MAP_ENTRY: MessageSchema = {
  key: { number: 1, type: 'string' },
  value: { number: 2, type: 'string' },
};

/** A field of a message: opened once it is asked for, as its schema says. */
class Slot {
  readonly field: WireField;
  readonly #source: Buffer;
  #value: EncodableNode | undefined;
  isRemoved = false;

  constructor(source: Buffer, field: WireField) {
    this.#source = source;
    this.field = field;
  }

  open(type: FieldType): EncodableNode {
    const { valueStart, end } = this.field;
    this.#value ??= openValue(this.#source.subarray(valueStart, end), type);
    return this.#value;
  }

  get isChanged(): boolean {
    return this.isRemoved || (this.#value?.isChanged ?? false);
  }

  toBytes(): Buffer {
    const { number, start, end } = this.field;
    if (this.#value?.isChanged) return encodeField(number, this.#value.toBytes());
    return this.#source.subarray(start, end);
  }
}

function openValue(bytes: Buffer, type: FieldType): EncodableNode {
  if (type === 'json') return openJson(bytes);
  if (typeof type === 'string') return new StringNode(bytes);
  return new MessageNode(bytes, type);
}

function openJson(bytes: Buffer): EncodableNode {
  try {
    return parseJson(bytes.toString('utf8'));
  } catch {
    return new StringNode(bytes);
  }
}

function misfit(): never {
  throw new TypeError('a protobuf value was edited as what it is not');
}

/** What protobuf values answer alike. */
abstract class ProtobufNode implements BodyNode {
  readonly isNull = false;

  get text(): string | undefined {
    return undefined;
  }

  get isEmpty(): boolean {
    return this.text === undefined && this.elements().length === 0;
  }

  abstract fields(key: string): readonly BodyNode[];

  elements(): readonly BodyNode[] {
    return [];
  }

  abstract replaceText(text: string): void;
  abstract removeField(key: string): void;
  abstract removeElements(matches: (element: BodyNode) => boolean): void;
}

class StringNode extends ProtobufNode implements EncodableNode {
  readonly #bytes: Buffer;
  #replacement: string | undefined;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  override get text(): string {
    return this.#replacement ?? this.#bytes.toString('utf8');
  }

  get isChanged(): boolean {
    return this.#replacement !== undefined;
  }

  override replaceText(text: string): void {
    this.#replacement = text;
  }

  toBytes(): Buffer {
    return this.#replacement === undefined ? this.#bytes : Buffer.from(this.#replacement);
  }

  override fields(): readonly BodyNode[] {
    return [];
  }

  override removeField(): void {
    misfit();
  }

  override removeElements(): void {
    misfit();
  }
}

/** A message; fields that its schema does not name are copied byte for byte. */
export class MessageNode extends ProtobufNode implements EncodableNode {
  readonly #bytes: Buffer;
  readonly #schema: MessageSchema;
  #slots: Slot[] | undefined;

  constructor(bytes: Buffer, schema: MessageSchema) {
    super();
    this.#bytes = bytes;
    this.#schema = schema;
  }

  override get isEmpty(): boolean {
    return this.#open().every(({ isRemoved }) => isRemoved);
  }

  get isChanged(): boolean {
    return this.#slots?.some(({ isChanged }) => isChanged) ?? false;
  }

  /** @throws SyntaxError when the bytes are not a message */
  override fields(key: string): readonly BodyNode[] {
    const schema = this.#schema[key];
    if (!schema) return [];
    const slots = this.#slotsOf(schema.number);
    if (slots.length === 0) return [];
    if (schema.type === 'stringMap') return [new MapNode(slots)];
    if (schema.isRepeated) return [new RepeatedNode(slots, schema.type)];
    return slots.map((slot) => slot.open(schema.type));
  }

  override removeField(key: string): void {
    const schema = this.#schema[key];
    if (schema) for (const slot of this.#slotsOf(schema.number)) slot.isRemoved = true;
  }

  toBytes(): Buffer {
    if (!this.isChanged) return this.#bytes;
    const kept = this.#open().filter(({ isRemoved }) => !isRemoved);
    return Buffer.concat(kept.map((slot) => slot.toBytes()));
  }

  #slotsOf(number: number): Slot[] {
    return this.#open().filter(
      ({ field, isRemoved }) =>
        !isRemoved && field.number === number && field.wireType === LENGTH_DELIMITED,
    );
  }

  #open(): Slot[] {
    this.#slots ??= readWireFields(this.#bytes).map((field) => new Slot(this.#bytes, field));
    return this.#slots;
  }

  override replaceText(): void {
    misfit();
  }

  override removeElements(): void {
    misfit();
  }
}

/** The entries of a map lie in its message as fields of one number. */
class MapNode extends ProtobufNode {
  readonly #entries: readonly Slot[];

  constructor(entries: readonly Slot[]) {
    super();
    this.#entries = entries;
  }

  override get isEmpty(): boolean {
    return this.#entries.every(({ isRemoved }) => isRemoved);
  }

  override fields(key: string): readonly BodyNode[] {
    return this.#entriesOf(key).map(
      (slot) => slot.open(MAP_ENTRY).fields('value').at(-1) ?? new StringNode(Buffer.alloc(0)),
    );
  }

  override removeField(key: string): void {
    for (const slot of this.#entriesOf(key)) slot.isRemoved = true;
  }

  #entriesOf(key: string): Slot[] {
    return this.#entries.filter((slot) => {
      const keyText = slot.open(MAP_ENTRY).fields('key').at(-1)?.text ?? '';
      return !slot.isRemoved && keyText === key;
    });
  }

  override replaceText(): void {
    misfit();
  }

  override removeElements(): void {
    misfit();
  }
}

class RepeatedNode extends ProtobufNode {
  readonly #slots: readonly Slot[];
  readonly #type: FieldType;

  constructor(slots: readonly Slot[], type: FieldType) {
    super();
    this.#slots = slots;
    this.#type = type;
  }

  override elements(): readonly BodyNode[] {
    return this.#slots.filter(({ isRemoved }) => !isRemoved).map((slot) => slot.open(this.#type));
  }

  override removeElements(matches: (element: BodyNode) => boolean): void {
    for (const slot of this.#slots) {
      if (!slot.isRemoved && matches(slot.open(this.#type))) slot.isRemoved = true;
    }
  }

  override fields(): readonly BodyNode[] {
    return [];
  }

  override replaceText(): void {
    misfit();
  }

  override removeField(): void {
    misfit();
  }
}
