/**
 * The protobuf form of an OpenAPI v2 document (`openapi.v2.Document`), which Go clients ask for.
 * Field numbers are those of the published message definitions; only what `openApiV2` makes is
 * encoded.
 */

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

/** How one property of a JSON object becomes fields of a message. */
type Encode = (value: Json) => Buffer[];
type Message = Readonly<Record<string, Encode>>;

const VARINT = 0;
const BYTES = 2;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType);
}

function bytesField(field: number, content: Buffer): Buffer {
  return Buffer.concat([tag(field, BYTES), varint(content.length), content]);
}

const textField =
  (field: number): Encode =>
  (value) => [bytesField(field, Buffer.from(textOf(value)))];

const textsField =
  (field: number): Encode =>
  (value) =>
    listOf(value).map((item) => bytesField(field, Buffer.from(textOf(item))));

const trueField =
  (field: number): Encode =>
  (value) =>
    value === true ? [tag(field, VARINT), varint(1)] : [];

const integerField =
  (field: number): Encode =>
  (value) => [tag(field, VARINT), varint(Number(value))];

const messageField =
  (field: number, message: () => Message): Encode =>
  (value) => [bytesField(field, encodeMessage(value, message()))];

/** A JSON object whose keys are names: repeated (name = 1, value = 2), one level down in `inner`. */
const namedField =
  (field: number, { inner, message }: { inner: number; message: () => Message }): Encode =>
  (value) => {
    const entries = entriesOf(value).map(([name, item]) =>
      bytesField(inner, named(name, encodeMessage(item, message()))),
    );
    return [bytesField(field, Buffer.concat(entries))];
  };

function named(name: string, value: Buffer): Buffer {
  return Buffer.concat([bytesField(1, Buffer.from(name)), bytesField(2, value)]);
}

/** An `Any`: its YAML text (field 2); JSON is YAML. */
function anyMessage(value: Json): Buffer {
  return bytesField(2, Buffer.from(JSON.stringify(value)));
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}

function entriesOf(value: Json): [string, Json][] {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value as JsonObject)
    : [];
}

/** The key under which a message's table says where its `x-…` properties go. */
const EXTENSIONS = 'x-';

const extensionsField =
  (field: number): Encode =>
  (value) =>
    entriesOf(value).map(([name, item]) => bytesField(field, named(name, anyMessage(item))));

function encodeMessage(value: Json, message: Message): Buffer {
  const parts = entriesOf(value).flatMap(([name, item]) =>
    name.startsWith(EXTENSIONS)
      ? (message[EXTENSIONS]?.({ [name]: item }) ?? [])
      : (message[name]?.(item) ?? []),
  );
  return Buffer.concat(parts);
}

const info: Message = { title: textField(1), version: textField(2), description: textField(3) };

const schema: Message = {
  $ref: textField(1),
  format: textField(2),
  description: textField(4),
  default: (value) => [bytesField(5, anyMessage(value))],
  maxLength: integerField(11),
  required: textsField(19),
  enum: (value) => listOf(value).map((item) => bytesField(20, anyMessage(item))),
  // AdditionalPropertiesItem.schema = 1
  additionalProperties: (value) => [bytesField(21, bytesField(1, encodeMessage(value, schema)))],
  // TypeItem.value = 1
  type: (value) => [bytesField(22, Buffer.concat(textsField(1)(value)))],
  // ItemsItem.schema = 1
  items: (value) => [bytesField(23, bytesField(1, encodeMessage(value, schema)))],
  properties: namedField(25, { inner: 1, message: () => schema }),
  [EXTENSIONS]: extensionsField(31),
};

/** The same keys for both places; `type` tells which of the two messages is meant. */
const pathParameter: Message = {
  required: trueField(1),
  in: textField(2),
  description: textField(3),
  name: textField(4),
  type: textField(5),
};
const queryParameter: Message = {
  required: trueField(1),
  in: textField(2),
  description: textField(3),
  name: textField(4),
  type: textField(6),
};

/** ParametersItem.parameter = 1; Parameter.non_body_parameter = 2; its query = 3, path = 4. */
function parameter(value: Json): Buffer {
  const isPath = entriesOf(value).some(([name, item]) => name === 'in' && item === 'path');
  const message = isPath
    ? bytesField(4, encodeMessage(value, pathParameter))
    : bytesField(3, encodeMessage(value, queryParameter));
  return bytesField(1, bytesField(2, message));
}

const response: Message = {
  description: textField(1),
  // SchemaItem.schema = 1
  schema: (value) => [bytesField(2, bytesField(1, encodeMessage(value, schema)))],
};

/** Responses.response_code = 1: NamedResponseValue, whose ResponseValue.response = 1. */
function responses(value: Json): Buffer {
  const entries = entriesOf(value).map(([code, item]) =>
    bytesField(1, named(code, bytesField(1, encodeMessage(item, response)))),
  );
  return Buffer.concat(entries);
}

const operation: Message = {
  tags: textsField(1),
  description: textField(3),
  operationId: textField(5),
  produces: textsField(6),
  parameters: (value) => listOf(value).map((item) => bytesField(8, parameter(item))),
  responses: (value) => [bytesField(9, responses(value))],
  [EXTENSIONS]: extensionsField(13),
};

const pathItem: Message = { get: messageField(2, () => operation) };

const document: Message = {
  swagger: textField(1),
  info: messageField(2, () => info),
  paths: namedField(8, { inner: 2, message: () => pathItem }),
  definitions: namedField(9, { inner: 1, message: () => schema }),
};

/** @param openApi - a document of `openApiV2` */
export function openApiV2Protobuf(openApi: object): Buffer {
  return encodeMessage(openApi as JsonObject, document);
}
