import type { Config, Establishment } from '../../core/config.ts'
import type { Intake, NewDelivery } from '../../core/journal.ts'
import type { Arrival, Finding } from '../../core/message.ts'
import {
  isTest,
  kindsOf,
  mixesTestAndReal,
  patientIdentifiersOf,
  profilesOf,
  softwareOf,
  valuesAt,
} from '../../formats/fhir/facts.ts'
import type { JsonObject } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { PATIENT_ID } from '../../formats/fhir/patients.ts'
import type { AcceptParts } from '../accept.ts'
import { caseTimers } from '../care.ts'
import { keysOf, newDelivery } from '../intake.ts'
import { plan, type RouteFacts } from '../route.ts'
import type { Ruled } from './identities.ts'

/** A FHIR arrival under way: who sent it, under which configuration, and what the rest of accepting needs. */
export interface Under {
  readonly arrival: Arrival
  /** The caller that the key or certificate proves. */
  readonly caller: Establishment
  /** In whose name it sends: its own, or one that it may send for. */
  readonly establishment: Establishment
  readonly config: Config
  readonly parts: AcceptParts
}

/** Where a resource goes. */
export interface Judged {
  readonly deliveries: readonly NewDelivery[]
  readonly findings: readonly Finding[]
  readonly test: boolean
  /** What was noticed and let pass, for who asks to read it. */
  readonly issues: readonly OutcomeIssue[]
}

/**
 * Routes a resource by the same table as HL7 v2; test and real are told apart by what it bears. `grave`: what is wrong with
 * it as a matter of safety, which refuses it, or parks it for a person where refusing would delay an urgent case. */
export function judge(
  resource: JsonObject,
  { establishment, config, parts }: Under,
  grave: OutcomeIssue | null = null,
): Judged | OutcomeIssue {
  if (mixesTestAndReal(resource)) return { error: 'PROCESSING_ID', code: 'business-rule' }
  const test = isTest(resource)
  const { matched, planned, findings } = plan(factsOf(resource, establishment.id, test), config)
  if (!matched) return { error: 'NO_ROUTE', code: 'not-supported' }
  if (planned.length === 0) return { error: 'PROCESSING_ID', code: 'business-rule' }
  if (grave !== null && !planned.some(({ lane }) => lane === 'urgent')) return grave
  const made = { config, ids: parts.ids, nowMs: parts.clock.nowMs() }
  const parked = grave?.error ?? null
  return { deliveries: planned.map((one) => newDelivery(one, made, parked)), findings, test, issues: [] }
}

function factsOf(resource: JsonObject, establishment: string, test: boolean): RouteFacts {
  return {
    kinds: kindsOf(resource),
    establishment,
    receivers: [],
    profiles: profilesOf(resource),
    test,
    values: (path) => valuesAt(resource, path),
  }
}

/**
 * The intake of a resource or Bundle as it came, with what the INS rule made of it; answer, repeat key, rows and parent
 * are the caller's to replace. `controlId`: of a resource its id here. */
export function fhirIntake(
  { arrival, establishment, config, parts }: Under,
  resource: JsonObject,
  bytes: Uint8Array,
  judged: Judged,
  controlId: string,
  { withheld, findings }: Pick<Ruled, 'withheld' | 'findings'>,
): Intake {
  // Versions of a Patient keep their order though all its identifiers change, and its body may not say the id.
  const isPatient = resource['resourceType'] === 'Patient'
  const own = isPatient ? [{ authority: PATIENT_ID, id: controlId, ins: false, qualified: false }] : []
  const software = softwareOf(resource)
  const intake: Intake = {
    id: parts.ids.uuid(),
    receivedAtMs: arrival.receivedAtMs,
    entrance: arrival.entrance,
    peer: arrival.peer.address,
    establishment: establishment.id,
    kind: kindsOf(resource)[0] ?? '',
    controlId,
    application: software.name,
    facility: '',
    receivingApplication: '',
    receivingFacility: '',
    test: judged.test,
    profiles: profilesOf(resource),
    softwareVersion: software.version,
    bytes,
    repeatKey: null,
    answer: null,
    applicationAnswer: null,
    ...keysOf([...patientIdentifiersOf(resource), ...own], establishment.id, parts.journal.secret),
    findings: [...findings, ...judged.findings],
    deliveries: judged.deliveries,
    events: [],
    revision: config.revision,
    parent: null,
    ask: JSON.stringify(arrival.fhir ?? null),
    withheld,
    rows: [],
    cause: null,
  }
  const care = { config, open: parts.openCases }
  return { ...intake, timers: caseTimers(intake, () => factsOf(resource, establishment.id, judged.test), care) }
}
