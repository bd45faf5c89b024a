import { describe, expect, test } from 'vitest'
import { readAppointment, readSchedule, readSiu, readSlot } from '../../../src/formats/agenda/read.ts'
import { readMessage } from '../../../src/formats/hl7v2/message.ts'

const TIMES = { start: '2026-11-30T09:00:00+01:00', end: '2026-11-30T09:30:00+01:00' }
const AT = { startMs: Date.UTC(2026, 10, 30, 8), endMs: Date.UTC(2026, 10, 30, 8, 30) }
const coded = (code: string) => [{ coding: [{ system: 'urn:test', code }] }]

describe('a Slot', () => {
  const slots: [name: string, slot: Record<string, unknown>, read: unknown][] = [
    ['free', { status: 'free', ...TIMES }, { schedule: null, state: 'free', ...AT, codes: [] }],
    ['busy for whatever reason', { status: 'busy-tentative', ...TIMES }, { state: 'busy' }],
    ['entered in error', { status: 'entered-in-error', ...TIMES }, { state: 'withdrawn' }],
    [
      'of a Schedule, by an address of ours',
      { status: 'free', ...TIMES, schedule: { reference: 'http://h/fhir/Schedule/S-1/_history/2' } },
      { schedule: 'S-1' },
    ],
    [
      'with its services',
      { status: 'free', ...TIMES, serviceType: coded('a'), specialty: coded('b') },
      {
        codes: [
          { system: 'urn:test', code: 'a' },
          { system: 'urn:test', code: 'b' },
        ],
      },
    ],
    ['that ends before it begins', { status: 'free', start: TIMES.end, end: TIMES.start }, null],
    ['without an end', { status: 'free', start: TIMES.start }, null],
    ['of an unknown status', { status: 'open', ...TIMES }, null],
  ]
  test.each(slots)('%s', (_name, slot, read) => {
    const found = readSlot({ resourceType: 'Slot', ...slot } as never)
    if (read === null) expect(found).toBeNull()
    else expect(found).toMatchObject(read as object)
  })
})

test('a Schedule is in use unless it says that it is not', () => {
  expect(readSchedule({ resourceType: 'Schedule', serviceType: coded('a') } as never)).toEqual({
    active: true,
    codes: [{ system: 'urn:test', code: 'a' }],
  })
  expect(readSchedule({ resourceType: 'Schedule', active: false } as never).active).toBe(false)
})

test('an Appointment names its slot, by reference or by our own id, and its request', () => {
  const one = {
    status: 'booked',
    ...TIMES,
    slot: [{ reference: 'Slot/s1' }],
    basedOn: [{ reference: 'CarePlan/x' }, { reference: 'ServiceRequest/r1' }],
  }
  expect(readAppointment(one as never)).toEqual({ status: 'booked', slot: 's1', request: 'r1', ...AT })
  const own = { slot: [{ identifier: { system: 'urn:passerelle:slot', value: 's2' } }] }
  expect(readAppointment(own as never)).toEqual({ status: '', slot: 's2', request: null, startMs: null, endMs: null })
})

describe('a SIU', () => {
  const siu = (sch: string, more = '') => {
    const text = `MSH|^~\\&|A|B|C|D|20261126||SIU^S12|1|T|2.5\rSCH|${sch}\rPID|||1\r${more}`
    const read = readMessage(Buffer.from(text, 'latin1'), '8859/15')
    if (!read.ok) throw new Error('unread')
    return read.message
  }
  const read: [name: string, message: ReturnType<typeof siu>, event: string, found: unknown][] = [
    [
      'with local times, which are the region’s',
      siu('A-1^X|B-2|||||||||^^^202611300900^202611300930'),
      'S12',
      { numbers: ['A-1', 'B-2'], filler: 'B-2', ...AT },
    ],
    ['with an offset', siu('A-1||||||||||^^^20261130080000+0000'), 'S13', { ...AT, endMs: null }],
    ['with minutes', siu('A-1||||||||30|min|^^^202611300900'), 'S14', AT],
    ['with hours', siu('A-1||||||||0.5|h^heure|^^^202611300900'), 'S14', AT],
    ['with seconds', siu('A-1||||||||1800|s|^^^202611300900'), 'S14', AT],
    ['with a length of no unit that is known', siu('A-1||||||||2|d|^^^202611300900'), 'S14', { ...AT, endMs: null }],
    ['with the length of its service', siu('A-1||||||||||^^^202611300900', 'AIS|1||code||||30|MIN\r'), 'S12', AT],
    [
      'that begins with its service',
      siu('A-1', 'AIS|1||code^X^urn:test|202611300900\r'),
      'S12',
      { startMs: AT.startMs, codes: [{ system: 'urn:test', code: 'code' }] },
    ],
    ['by the number of an order', siu(`|F-1${'|'.repeat(24)}O-1`), 'S15', { numbers: ['F-1', 'O-1'] }],
    ['of another event', siu('A-1'), 'S24', null],
    ['without a number', siu('||||||||||^^^202611300900'), 'S12', null],
  ]
  test.each(read)('%s', (_name, message, event, found) => {
    const said = readSiu(message, event, 'Europe/Paris')
    if (found === null) expect(said).toBeNull()
    else expect(said).toMatchObject(found as object)
  })
})
