import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { compileConfig, readRegion } from '../../src/app/config/index.ts'
import type { Config } from '../../src/core/config.ts'
import { valuesAt } from '../../src/formats/fhir/facts.ts'
import { readArrival, routeFacts } from '../../src/pipeline/reading.ts'
import { isOfService, plan, type RouteFacts } from '../../src/pipeline/route.ts'
import { orNothing } from '../support/region.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let config: Config
beforeAll(async () => {
  const { shared, read } = await readRegion(`${root}region.yaml`, {}, { missingMaterial: 'warning' })
  config = compileConfig(shared!, 1, orNothing(read))
})

const HOUR = 3_600_000
const minutes = (ms: number): number => ms / 60_000

/** Services of which a message is, by rule and kind. */
const servicesOf = (facts: RouteFacts): string[] =>
  [...config.careServices!.values()]
    .filter(({ opens }) => facts.kinds.some((kind) => opens.includes(kind)))
    .flatMap(({ name }) => (isOfService(config.services.get(name)!, facts, config) ? [name] : []))

/** An HL7 v2 message of a home as it comes to the plain door. */
function sent(kind: string, segment: string, profile = '', from = 'EHPAD-LES-GENETS'): RouteFacts {
  const lines = [
    `MSH|^~\\&|DUI|${from}|PF|PF|20261126101500+0100||${kind}|D1|T|2.5|||||FRA|UNICODE UTF-8|||${profile}`,
    'PID|||1^^^EHPAD&449990217&M^PI||LEROUX (FICTIF)^SUZANNE^^^^^L||||||||||||||||||||||||||PROV',
    segment,
    '',
  ]
  const peer = { address: 'test', loopback: true, establishment: null, destination: null }
  const bytes = Buffer.from(lines.join('\r'))
  const reading = readArrival({ entrance: 'mllp', peer, receivedAtMs: 1, bytes }, config)
  if (!reading.ok) throw new Error(`${reading.problem.code} ${reading.problem.at}`)
  return routeFacts(reading)
}
const order = (code: string, profile = ''): RouteFacts => sent('ORM^O01^ORM_O01', `OBR|1|D1||${code}`, profile)
const appointment = (reason: string): RouteFacts => sent('SIU^S12^SIU_S12', `SCH|A1||||||${reason}`)
const resource = (file: string, change: (value: Record<string, unknown>) => void = () => {}): RouteFacts => {
  const value = JSON.parse(readFileSync(`${root}profiles/${file}.json`, 'utf8')) as Record<string, unknown>
  change(value)
  const facts = {
    kinds: ['ServiceRequest'],
    establishment: 'ehpad-les-genets',
    receivers: [],
    profiles: [],
    test: true,
  }
  return { ...facts, values: (path) => valuesAt(value as never, path) }
}

const TLR = '1.0^CISIS_TLR_HL7_V2'
const CONSULTATIONS = ['plaies-escarres', 'psychiatrie', 'troubles-comportement', 'soins-palliatifs']

describe('a message is of the service whose code it bears, and of no other', () => {
  test.each([...CONSULTATIONS, 'tele-dermatologie'])('%s', (name) => {
    const booked = CONSULTATIONS.includes(name) ? [name] : []
    const coded = (code: string) => (value: Record<string, unknown>) => {
      value['code'] = { coding: [{ system: 'urn:s', code }] }
    }
    expect(servicesOf(order(`${name}^Avis^L`))).toEqual([name])
    expect(servicesOf(appointment(`${name}^Avis^L`))).toEqual(booked)
    expect(servicesOf(resource('fhir/examples/teleconsultation-request', coded(name)))).toEqual([name])
    expect(servicesOf(order(`${name}-autre`))).toEqual([])
    expect(servicesOf(order(name, TLR))).toEqual([])
    // And the region's routes take it to where cases are.
    for (const facts of [order(name), ...(booked.length > 0 ? [appointment(name)] : [])]) {
      expect(plan(facts, config).planned.map(({ destination }) => destination)).toEqual(['platform'])
    }
  })

  test('the examples in FHIR', () => {
    expect(servicesOf(resource('fhir/examples/teleconsultation-request'))).toEqual(['plaies-escarres'])
    expect(servicesOf(resource('examples/stroke-request.fhir'))).toEqual(['stroke'])
    expect(servicesOf(resource('fhir/examples/remote-request'))).toEqual([])
  })

  test('a flow of tele-radiology is none, whatever it says', () => {
    const marks = ['TRANSMISSION_DEMANDE', 'ANNULATION_DEMANDE', 'REPONSE_DEMANDE', 'COMPLEMENT_POST_ACTE']
    const reason = `${'|'.repeat(27)}I63.9^AVC^I10`
    for (const code of [...marks, ...CONSULTATIONS]) {
      expect(servicesOf(order(`${code}^x^L${reason}`, TLR))).toEqual([])
    }
    for (const mark of marks) expect(servicesOf(order(`${mark}^x~psychiatrie^L${reason}`))).toEqual([])
    expect(servicesOf(order(`IRM^x^L${reason}`))).toEqual(['stroke'])
  })
})

describe('tele-stroke, as the region bought it', () => {
  const stroke = () => config.careServices!.get('stroke')!

  test('windows, each with its source and day', () => {
    const rows = stroke().windows.map(({ id, from, unless, lengthMs }) => [id, from, unless, minutes(lengthMs)])
    expect(rows).toEqual([
      ['advice', ['requested'], [], 15],
      ['thrombolysis', ['onset', 'last-seen-well'], [], 270],
      ['thrombolysis-discovery', ['discovery'], ['onset'], 270],
      ['thrombectomy-6h', ['onset', 'last-seen-well'], [], 360],
      ['extended-9h', ['onset', 'last-seen-well'], [], 540],
      ['thrombectomy-24h', ['onset', 'last-seen-well'], [], 1440],
    ])
    for (const { source, date, off } of stroke().windows) {
      expect([source.length > 20, /^20\d\d-\d\d-\d\d$/.test(date), off]).toEqual([true, true, false])
    }
  })

  test.each(['answer', 'interventional'])(
    'the ladder %s: 0, 2, 4, 7 minutes, then every two with the Centre 15',
    (name) => {
      const { rungs, centres } = stroke().ladders.find((one) => one.name === name)!
      expect(rungs.map(({ afterMs, everyMs, number }) => [minutes(afterMs), everyMs, number])).toEqual([
        [0, null, null],
        [2, null, null],
        [4, null, null],
        [7, null, null],
        [9, 120_000, 'centre-15'],
      ])
      expect(rungs.map(({ tell }) => tell)).toEqual([
        ['duty-1'],
        ['duty-1'],
        ['duty-1', 'duty-2'],
        ['coordination', 'next-centre'],
        ['everybody'],
      ])
      expect(centres.length).toBeGreaterThan(0)
    },
  )

  test('delays, decisions and who answers whom', () => {
    expect(stroke().delays.map(({ name, afterMs, tell }) => [name, minutes(afterMs), tell.at(-1)])).toEqual([
      ['seen-not-accepted', 3, 'coordination'],
      ['accepted-without-advice', 15, 'coordination'],
      ['images-absent', 15, 'coordination'],
      ['transfer-stalled', 2, 'coordination'],
      ['advice-not-opened', 3, 'coordination'],
      ['decision-not-recorded', 30, 'coordination'],
      ['request-undelivered', 2, 'coordination'],
    ])
    expect(stroke().decisions.map(({ id, code }) => [id, code?.code])).toEqual([
      ['thrombolysis', '233428003'],
      ['thrombectomy', '43810009'],
      ['transfer', undefined],
      ['neither', undefined],
    ])
    expect([stroke().consent, stroke().prefix, stroke().joinMs]).toEqual(['recorded', 'AVC', 24 * HOUR])
    const row = (site: string) => stroke().ladders[0]!.centres.find((one) => one.site === site)?.centres
    expect(row('ch-chateaubriant')).toEqual(['chu-nantes', 'chu-angers'])
    expect(row('ch-haut-anjou')).toEqual(['chu-angers', 'chu-nantes'])
  })
})
