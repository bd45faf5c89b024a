import { beforeAll, describe, expect, test } from 'vitest'
import { definitionsOf } from '../../../src/app/fhir-definitions.ts'
import type { Appointment } from '../../../src/core/appointments.ts'
import { type AppointmentFacts, appointmentResource, encounterResource } from '../../../src/formats/agenda/written.ts'
import type { JsonObject } from '../../../src/formats/fhir/json.ts'
import { validateResource } from '../../../src/formats/fhir/validate/validate.ts'
import { WOUNDS } from '../../telemedicine/teleconsultation.ts'

const START = Date.UTC(2026, 10, 30, 8)
const ONE: Appointment = {
  id: '0198-a',
  case: '0198-c',
  number: 'PLA-261130-0001',
  service: 'wounds',
  site: 'home',
  unit: null,
  centre: 'centre',
  status: 'booked',
  slot: 's1',
  startMs: START,
  endMs: START + 1_800_000,
  waiting: { requester: null, patient: null, expert: null },
  cancelled: null,
  test: true,
  drill: false,
  version: 1,
  changedAtMs: START - 1_000,
}
const FACTS: AppointmentFacts = {
  appointment: ONE,
  patient: {
    identifiers: [{ authority: '1.2.250.1.213.1.4.10', value: '279035121518989', type: 'INS' }],
    family: 'LEROUX (FICTIF)',
    given: 'Jeanne',
    birthDate: '1938-02-03',
    sex: 'female',
    status: 'qualified',
  },
  via: 'form',
  service: WOUNDS,
  structure: (id) => ({ name: `${id} (fictif)`, finess: id === 'home' ? '440000016' : null }),
  request: 'r1',
  change: 'booked',
}
const of = (more: Partial<Appointment>, facts: Partial<AppointmentFacts> = {}): AppointmentFacts => ({
  ...FACTS,
  ...facts,
  appointment: { ...ONE, ...more },
})

test('an Appointment says who, where and when, and not why', () => {
  expect(appointmentResource(FACTS)).toMatchObject({
    resourceType: 'Appointment',
    meta: { security: [{ code: 'HTEST' }], tag: [{ code: 'booked' }] },
    identifier: [{ value: '0198-a' }, { system: 'urn:passerelle:case', value: 'PLA-261130-0001' }],
    status: 'booked',
    serviceType: [{ coding: [{ code: 'wounds' }] }],
    start: '2026-11-30T08:00:00.000Z',
    end: '2026-11-30T08:30:00.000Z',
    slot: [{ reference: 'Slot/s1' }],
    basedOn: [{ reference: 'ServiceRequest/r1' }],
    participant: [
      { actor: { reference: '#patient', identifier: { system: 'urn:oid:1.2.250.1.213.1.4.10' } }, status: 'accepted' },
      { actor: { type: 'HealthcareService', display: 'centre (fictif)' } },
      { actor: { type: 'Location', display: 'home (fictif)', identifier: { value: '440000016' } } },
    ],
  })
  expect(appointmentResource(of({ slot: null }))['slot']).toBeUndefined()
})

test('an INS that is not qualified stays here', () => {
  const patient = { ...FACTS.patient!, status: 'validated' as const }
  const ipp = { authority: '1.2.250.1.71.4.2.2.1440000016', value: '30077', type: 'PI' }
  const both = { ...patient, identifiers: [...patient.identifiers, ipp] }
  const waits = { status: 'arrived', waiting: { requester: START, patient: null, expert: null } } as const
  for (const make of [appointmentResource, encounterResource]) {
    const text = JSON.stringify(make(of(waits, { patient: both })))
    expect([text.includes('279035121518989'), text.includes('30077')]).toEqual([false, true])
  }
})

describe('the session', () => {
  const sessions: [name: string, more: Partial<Appointment>, found: object | null][] = [
    ['before anybody came', {}, null],
    [
      'somebody waits',
      { status: 'arrived', waiting: { requester: START, patient: null, expert: null } },
      { status: 'arrived', period: { start: '2026-11-30T08:00:00.000Z' } },
    ],
    [
      'they meet',
      { status: 'arrived', waiting: { requester: null, patient: START + 1, expert: START } },
      { status: 'in-progress', class: { code: 'VR' }, appointment: [{ reference: 'Appointment/0198-a' }] },
    ],
    [
      'it was held',
      { status: 'fulfilled', waiting: { requester: START, patient: null, expert: START }, changedAtMs: START + 60_000 },
      { status: 'finished', period: { start: '2026-11-30T08:00:00.000Z', end: '2026-11-30T08:01:00.000Z' } },
    ],
    [
      'the other side never came',
      { status: 'noshow', waiting: { requester: START, patient: null, expert: null } },
      { status: 'cancelled' },
    ],
  ]
  test.each(sessions)('%s', (_name, more, found) => {
    const made = encounterResource(of(more))
    if (found === null) expect(made).toBeNull()
    else
      expect(made).toMatchObject({
        resourceType: 'Encounter',
        identifier: [{ system: 'urn:passerelle:session' }],
        ...found,
      })
  })
})

describe('R4 and its profiles take them', () => {
  let faults: (resource: JsonObject) => string[]
  beforeAll(async () => {
    const definitions = await definitionsOf()()
    faults = (resource) =>
      validateResource(resource, definitions)
        .filter(({ severity }) => severity === 'error')
        .map((issue) => JSON.stringify(issue))
  })
  const states: [string, Partial<Appointment>][] = [
    ['proposed', { status: 'proposed', slot: null }],
    ['booked', {}],
    ['arrived', { status: 'arrived', waiting: { requester: START, patient: START, expert: START } }],
    ['fulfilled', { status: 'fulfilled', waiting: { requester: START, patient: null, expert: START } }],
    ['cancelled', { status: 'cancelled', cancelled: 'patient' }],
    ['noshow', { status: 'noshow' }],
  ]
  test.each(states)('%s', (_name, more) => {
    for (const facts of [of(more), of(more, { patient: null })]) {
      expect(faults(appointmentResource(facts))).toEqual([])
      const session = encounterResource(facts)
      if (session !== null) expect(faults(session)).toEqual([])
    }
  })
})
