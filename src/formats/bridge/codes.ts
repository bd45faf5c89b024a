/** Coded values: CE, CWE and CNE of HL7 v2 against CodeableConcept, and the names of code systems. */
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Repetition } from '../hl7v2/write.ts'
import { type Loose, without } from './bundle.ts'
import type { Part } from './parts.ts'

/** Names of table 0396 and of the French guides, and their addresses; the first name of an address is written. */
const SYSTEMS: readonly (readonly [name: string, system: string])[] = [
  ['LN', 'http://loinc.org'],
  ['SCT', 'http://snomed.info/sct'],
  ['UCUM', 'http://unitsofmeasure.org'],
  ['DCM', 'http://dicom.nema.org/resources/ontology/DCM'],
  ['I10', 'http://hl7.org/fhir/sid/icd-10'],
  ['CIM10', 'http://hl7.org/fhir/sid/icd-10'],
  ['I10C', 'http://hl7.org/fhir/sid/icd-10'],
  ['ATC', 'http://www.whocc.no/atc'],
  ['CCAM', 'urn:oid:1.2.250.1.213.2.5'],
  ['TRE_A05', 'urn:oid:1.2.250.1.213.1.1.4.12'],
  // Other spellings, read only: `SNT` stands in the examples of the tele-radiology guide.
  ['LOINC', 'http://loinc.org'],
  ['SNM', 'http://snomed.info/sct'],
  ['SNT', 'http://snomed.info/sct'],
  ['CCAM', 'urn:oid:1.2.250.1.213.2.5'],
  ['TRE_A05', 'urn:oid:1.2.250.1.213.1.1.4.12'],
  // Other spellings, read only: `SNT` stands in the examples of the tele-radiology guide.
  ['LOINC', 'http://loinc.org'],
  ['SNM', 'http://snomed.info/sct'],
  ['SNT', 'http://snomed.info/sct'],
]
const TABLE = /^HL7(\d{4})$/
const V2_TABLES = 'http://terminology.hl7.org/CodeSystem/v2-'
/** What has no address of its own is under this one, by its name. */
const OWN = 'urn:passerelle:coding-system:'

/** Address of a code system, from the name that HL7 v2 writes (table 0396, `HL70064`, an OID); null when it has none. */
export function codeSystemOf(name: string): string | null {
  if (name === '') return null
  const known = SYSTEMS.find(([one]) => one === name.toUpperCase())
  if (known !== undefined) return known[1]
  const table = TABLE.exec(name)
  if (table !== null) return `${V2_TABLES}${table[1]}`
  if (/^[0-2](\.(0|[1-9]\d*))+$/.test(name)) return `urn:oid:${name}`
  return name.includes(':') ? name : `${OWN}${encodeURIComponent(name)}`
}

/** The name that HL7 v2 writes for the address of a code system; '' for none. */
export function codeSystemName(system: string | null): string {
  if (system === null) return ''
  const known = SYSTEMS.find(([, one]) => one === system)
  if (known !== undefined) return known[0]
  if (system.startsWith(V2_TABLES)) return `HL7${system.slice(V2_TABLES.length)}`
  if (system.startsWith('urn:oid:')) return system.slice('urn:oid:'.length)
  if (!system.startsWith(OWN)) return system
  try {
    return decodeURIComponent(system.slice(OWN.length))
  } catch {
    return system
  }
}

/** CodeableConcept of a CE or CWE: both codings, and the original text (CWE-9); null when it is empty. */
export function conceptOf(part: Part): JsonObject | null {
  const coding = [0, 3]
    .map((at) => ({ system: codeSystemOf(part(at + 3)), code: part(at + 1), display: part(at + 2) }))
    .filter(({ code }) => code !== '')
  // Without a code a text is all that is said.
  const said = part(9) || (coding.length === 0 ? part(2) || part(5) : '')
  return object(without({ coding, text: said }))
}

/** CE of a CodeableConcept: its first two codings; without a code its text, or the name of its coding, stands in CE-2. */
export function ceOf(concept: JsonObject | null): Repetition {
  if (concept === null) return ''
  const codings = objects(concept['coding'])
  const [first, second] = codings.filter((one) => text(one['code']) !== null)
  if (first === undefined) return ['', text(concept['text']) ?? text(codings[0]?.['display'])]
  const parts = [first, ...(second === undefined ? [] : [second])].flatMap((one) => [
    text(one['code']),
    text(one['display']) ?? (one === first ? text(concept['text']) : null),
    codeSystemName(text(one['system'])),
  ])
  return parts
}

/** The first code of a concept under one of these systems, or of any when none is named; null when there is none. */
export function codeIn(concept: JsonObject | null, ...systems: readonly string[]): string | null {
  const found = objects(concept?.['coding']).find(
    (one) => systems.length === 0 || systems.includes(text(one['system']) ?? ''),
  )
  return text(found?.['code'])
}

/** A concept of one coding. */
export function conceptWith(system: string, code: string | null, display?: string): Loose {
  return code === null || code === '' ? undefined : { coding: [{ system, code, display }] }
}

/** Address of a table of HL7 v2 (`0004`) as a code system. */
export function tableSystem(table: string): string {
  return `${V2_TABLES}${table}`
}
