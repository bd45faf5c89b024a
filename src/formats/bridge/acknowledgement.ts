/** Acknowledgements: ACK (HL7 v2.5 §2.9, §2.15) against an OperationOutcome, with the MessageHeader that says whose it is. */
import { resourcesOf } from '../fhir/bundle.ts'
import { type JsonObject, object, objects, text } from '../fhir/json-value.ts'
import type { Header } from '../hl7v2/header.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { type Segment, segment } from '../hl7v2/write.ts'
import type { Mapping } from './bridge.ts'
import { marked, resource } from './bundle.ts'
import { codeIn, tableSystem } from './codes.ts'
import type { BridgeContext } from './context.ts'
import { type Conversion, type Hl7Draft, lacking } from './conversion.ts'
import { partOf, textAt } from './parts.ts'
import { stableId } from './stable-id.ts'

const ERROR_CODES = tableSystem('0357')
const EVENTS = tableSystem('0003')
/** Table 0357 in the words of http://hl7.org/fhir/issue-type. */
const ISSUES: Readonly<Record<string, string>> = {
  '0': 'informational',
  '100': 'structure',
  '101': 'required',
  '102': 'value',
  '103': 'code-invalid',
  '198': 'structure',
  '200': 'not-supported',
  '201': 'not-supported',
  '202': 'business-rule',
  '203': 'not-supported',
  '204': 'not-found',
  '205': 'duplicate',
  '206': 'lock-error',
  '207': 'processing',
}
/** The other way, where an issue bears no code of the table; what is not here is 207. */
const CODES: Readonly<Record<string, string>> = {
  informational: '0',
  structure: '100',
  invalid: '102',
  required: '101',
  value: '102',
  'code-invalid': '103',
  'not-supported': '200',
  'not-found': '204',
  duplicate: '205',
  'lock-error': '206',
}
const SEVERITIES: Readonly<Record<string, string>> = { E: 'error', W: 'warning', I: 'information' }
/** MSA-1 in the words of response-code: AE may be mended and AR sent again, by the French guides. */
const RESPONSES: Readonly<Record<string, string>> = {
  AA: 'ok',
  CA: 'ok',
  AE: 'fatal-error',
  CE: 'fatal-error',
  AR: 'transient-error',
  CR: 'transient-error',
}
const VERSION = ['2.5']

function toFhir(message: Hl7Message, header: Header, context: BridgeContext): Conversion<JsonObject> {
  const code = RESPONSES[textAt(message, 'MSA-1')]
  const answered = textAt(message, 'MSA-2')
  if (code === undefined) return lacking('MSA-1')
  if (answered === '') return lacking('MSA-2')
  const issues = Array.from({ length: message.segments('ERR') }, (_, i) => issueOf(message, i + 1))
  const failed = { severity: 'error', code: 'processing' }
  const outcome = resource('OperationOutcome', null, {
    issue: issues.length > 0 ? issues : [code === 'ok' ? { severity: 'information', code: 'informational' } : failed],
  })
  const place = `urn:uuid:${stableId('OperationOutcome', context.sender.establishment, context.key)}`
  const answer = resource('MessageHeader', null, {
    eventCoding: { system: EVENTS, code: header.triggerEvent === '' ? 'ACK' : header.triggerEvent },
    source: { endpoint: `urn:passerelle:${context.sender.establishment}` },
    response: { identifier: answered, code, details: { reference: place } },
  })
  const made: JsonObject = {
    resourceType: 'Bundle',
    type: 'message',
    entry: [
      {
        fullUrl: `urn:uuid:${stableId('MessageHeader', context.sender.establishment, context.key)}`,
        resource: marked(answer, context),
      },
      { fullUrl: place, resource: outcome },
    ],
  }
  return { ok: true, made, findings: [] }
}

/** ERR as an issue; texts of ERR-7 and ERR-8 stay behind: they may name a patient. */
function issueOf(message: Hl7Message, n: number): JsonObject {
  const number = textAt(message, `ERR(${n})-3.1`)
  const display = partOf(message, `ERR(${n})-3`)(2)
  const place = partOf(message, `ERR(${n})-2`)
  const places = [1, 2, 3, 4, 5, 6].map((i) => place(i)).join('^')
  const severity = SEVERITIES[textAt(message, `ERR(${n})-4`)] ?? 'error'
  return {
    severity,
    code: ISSUES[number] ?? 'processing',
    ...(number === ''
      ? {}
      : { details: { coding: [{ system: ERROR_CODES, code: number, display: display || number }] } }),
    ...(place(1) === '' ? {} : { diagnostics: places.replace(/\^+$/, '') }),
  }
}

function toHl7(root: JsonObject, _context: BridgeContext): Conversion<Hl7Draft> {
  const all = resourcesOf(root)
  const outcome = all.find((one) => one['resourceType'] === 'OperationOutcome')
  const header = all.find((one) => one['resourceType'] === 'MessageHeader')
  const response = object(header?.['response'])
  const answered = text(response?.['identifier'])
  if (outcome === undefined) return lacking('OperationOutcome')
  if (answered === null) return lacking('MessageHeader.response.identifier')
  const issues = objects(outcome['issue'])
  const worst = issues.some(({ severity }) => severity === 'error' || severity === 'fatal')
  const stated = text(response?.['code'])
  const code = stated === 'transient-error' ? 'AR' : stated === 'fatal-error' || worst ? 'AE' : 'AA'
  const event = text(object(header?.['eventCoding'])?.['code']) ?? ''
  const errors = code === 'AA' ? [] : issues.map(errorSegment)
  const segments: readonly Segment[] = [segment('MSA', { 1: code, 2: answered }), ...errors]
  return {
    ok: true,
    made: { type: ['ACK', event === 'ACK' ? '' : event, 'ACK'], version: VERSION, segments },
    findings: [],
  }
}

function errorSegment(issue: JsonObject): Segment {
  const details = object(issue['details'])
  const number = codeIn(details, ERROR_CODES) ?? CODES[text(issue['code']) ?? ''] ?? '207'
  const [coding] = objects(details?.['coding']).filter(({ system }) => system === ERROR_CODES)
  const severity = text(issue['severity'])
  const place = text(issue['diagnostics'])
  return segment('ERR', {
    2: place !== null && /^[A-Z][A-Z0-9]{2}(\^[\w^]*)?$/.test(place) ? place.split('^') : '',
    3: [number, text(coding?.['display']), 'HL70357'],
    4: severity === 'warning' ? 'W' : severity === 'information' ? 'I' : 'E',
  })
}

/** The mapping. */
export const acknowledgementMapping: Mapping = {
  name: 'acknowledgements',
  hl7: { kinds: ['ACK'], reads: ['MSA-1', 'MSA-2', 'ERR-2', 'ERR-3', 'ERR-4'], toFhir },
  fhir: { types: ['OperationOutcome'], reads: ['OperationOutcome.issue', 'MessageHeader'], toHl7 },
  losses: [
    { from: 'hl7v2', at: 'MSA-1', what: 'CA, CE and CR come back as AA, AE and AR.' },
    { from: 'hl7v2', at: 'ERR-7', what: 'Texts, with ERR-8: they may name a patient. ERR-5 and ERR-6 too.' },
    {
      from: 'fhir',
      at: 'OperationOutcome.issue',
      what: 'Texts; expression; fatal comes back as error; issues of a positive answer.',
    },
  ],
}
