/** Coded elements (CE, CWE: HL7 v2.5.1 §2.A.9, §2.A.13) and CodeableConcept, with the names of coding systems. */
import { type JsonObject, objects, text } from '../fhir/json.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import type { Repetition } from '../hl7v2/write.ts'

/** Names of table 0396 and of the French guides, and the URI that FHIR knows each by. */
const SYSTEMS: Readonly<Record<string, string>> = {
  LN: 'http://loinc.org',
  SCT: 'http://snomed.info/sct',
  I10: 'http://hl7.org/fhir/sid/icd-10',
  UCUM: 'http://unitsofmeasure.org',
  DCM: 'http://dicom.nema.org/resources/ontology/DCM',
  ATC: 'http://www.whocc.no/atc',
  CCAM: 'urn:oid:1.2.250.1.213.2.5',
  TRE_A05: 'urn:oid:1.2.250.1.213.1.1.4.12',
}
/** Other spellings that are read, never written (`SNT` stands in the examples of the tele-radiology guide). */
const READ_TOO: Readonly<Record<string, string>> = {
  LOINC: 'LN',
  SNM: 'SCT',
  SNT: 'SCT',
  SNOMED: 'SCT',
  CIM10: 'I10',
  'CIM-10': 'I10',
  'ICD-10': 'I10',
}
const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(SYSTEMS).map(([name, uri]) => [uri, name]))
const TABLE = 'http://terminology.hl7.org/CodeSystem/v2-'
/** A coding system that has a name and no URI (v2-to-FHIR implementation guide). */
const LOCAL = 'urn:id:'
const OID = 'urn:oid:'

/** The URI of a coding system's name: `LN`, `HL70078`, an OID; any other name becomes `urn:id:NAME`. */
export function systemUri(name: string): string {
  const known = SYSTEMS[READ_TOO[name] ?? name]
  if (known !== undefined) return known
  const table = /^HL7(\d{4})$/.exec(name)
  if (table !== null) return TABLE + table[1]
  if (/^[0-2](\.(0|[1-9]\d*)){2,}$/.test(name)) return OID + name
  if (/^(https?:\/\/|urn:)\S+$/.test(name)) return name
  return LOCAL + encodeURIComponent(name)
}

/** The name of a coding system for HL7 v2; `systemUri` gives the URI back. */
export function systemName(uri: string): string {
  const known = NAMES.get(uri)
  if (known !== undefined) return known
  if (/v2-\d{4}$/.test(uri) && uri.startsWith(TABLE)) return `HL7${uri.slice(TABLE.length)}`
  if (uri.startsWith(OID)) return uri.slice(OID.length)
  return uri.startsWith(LOCAL) ? decoded(uri.slice(LOCAL.length)) : uri
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** A Coding, or null without a code. */
function coding(code: string | null, display: string | null, system: string | null): JsonObject | null {
  if (code === null) return null
  return {
    ...(system === null ? {} : { system: systemUri(system) }),
    code,
    ...(display === null ? {} : { display }),
  }
}

/**
 * The CodeableConcept of the field and repetition that a path names (`OBR(1)-4`, `OBR(1)-31(2)`): the code and its
 * alternate, the text that stands without a code, the original text (CWE-9); null when there is nothing. */
export function conceptAt(message: Hl7Message, path: string): JsonObject | null {
  const at = (component: number) => valueAt(message, path, component)
  const [first, second] = [coding(at(1), at(2), at(3)), coding(at(4), at(5), at(6))]
  const codings = [first, second].filter((one) => one !== null)
  const said = at(9) ?? (first === null ? at(2) : null) ?? (codings.length === 0 ? at(5) : null)
  if (codings.length === 0 && said === null) return null
  return {
    ...(codings.length === 0 ? {} : { coding: codings }),
    ...(said === null ? {} : { text: said }),
  }
}

function valueAt(message: Hl7Message, path: string, component: number): string | null {
  const value = message.text(`${path}.${component}`)
  return value === '""' && message.isNull(`${path}.${component}`) ? null : value
}

/** How many repetitions of a field are read: more are a hostile message's. */
const MOST_REPETITIONS = 50

/** The paths of a field's repetitions, at most 50. */
export function repetitionPaths(message: Hl7Message, field: string): string[] {
  const count = Math.min(message.repetitions(field), MOST_REPETITIONS)
  return Array.from({ length: count }, (_, i) => `${field}(${i + 1})`)
}

/** `conceptAt` of every repetition. */
export function conceptsAt(message: Hl7Message, field: string): JsonObject[] {
  return repetitionPaths(message, field)
    .map((path) => conceptAt(message, path))
    .filter((one) => one !== null)
}

/** The code in a system's URI that a concept bears, or null. */
export function codeIn(concept: JsonObject | null, system: string): string | null {
  const found = objects(concept?.['coding']).find((one) => one['system'] === system)
  return text(found?.['code'])
}

/**
 * A concept as CE or CWE: the first two codings; its text as component 2 when no coding stands first, else as component 9
 * in a CWE. */
export function conceptField(concept: JsonObject | null, type: 'CE' | 'CWE' = 'CE'): Repetition {
  if (concept === null) return null
  const [first, second] = objects(concept['coding']).map(codingParts)
  const said = text(concept['text'])
  if (first === undefined) return said === null ? null : [null, said]
  return [...first, ...(second ?? [null, null, null]), null, null, type === 'CWE' ? said : null]
}

function codingParts(one: JsonObject): [string | null, string | null, string | null] {
  const system = text(one['system'])
  return [text(one['code']), text(one['display']), system === null ? null : systemName(system)]
}

/** A code of ours as a concept. */
export function concept(system: string, code: string, display?: string): JsonObject {
  return { coding: [{ system, code, ...(display === undefined ? {} : { display }) }] }
}
