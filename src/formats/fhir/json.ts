/** JSON for FHIR: its values, the strict reader, the writer. */
export {
  copyOf,
  emptyObject,
  isObject,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  list,
  object,
  objects,
  text,
  writeJson,
} from './json-value.ts'
export {
  JSON_LIMITS,
  type JsonFault,
  type JsonLimits,
  type JsonReading,
  parseStrict,
  parseStrictAsync,
} from './read-json.ts'
