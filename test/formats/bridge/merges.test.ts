/** A40: every merge of the message is made, and the one who is replaced goes by a number that is nobody else's. */
import { describe, expect, test } from 'vitest'
import { toFhir } from '../../../src/formats/bridge/bridge.ts'
import type { Conversion } from '../../../src/formats/bridge/conversion.ts'
import { type JsonObject, object, objects } from '../../../src/formats/fhir/json.ts'
import { CONTEXT, messageOfText } from './conversions.ts'

const MSH = (kind: string) =>
  `MSH|^~\\&|GAM|CH-HAUT-ANJOU^539990028^M|DPI|CHU-ANGERS^490000031^M|20261123094500+0100||${kind}|X1|T|2.5^FRA^2.11|||||FRA|UNICODE UTF-8`
const AUTHORITY = 'H&539990028&M'
const INS = '254035313000022^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS'
const NH = '254035313000022^^^ASIP-SANTE-NIR&1.2.250.1.213.1.4.8&ISO^NH'
const cx = (value: string) => `${value}^^^${AUTHORITY}^PI`
const pid = (identifiers: string, status = 'PROV') =>
  `PID|||${identifiers}||LEROUX (FICTIF)^SUZANNE^SUZANNE^^^^L||19540312|F||||||||||||||||||||||||${status}`
const converted = (kind: string, ...lines: string[]): Conversion<{ resource: JsonObject }> =>
  toFhir(messageOfText(`${[MSH(kind), ...lines].join('\n')}\n`), CONTEXT)
const merge = (...lines: string[]) => converted('ADT^A40^ADT_A39', 'EVN||20261123', ...lines)

interface Written {
  readonly fullUrl: string
  readonly by: string
  readonly resource: JsonObject
}

function patientsOf(made: Conversion<{ resource: JsonObject }>): Written[] {
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  return objects(made.made.resource['entry']).map((one) => ({
    fullUrl: String(one['fullUrl']),
    by: String(object(one['request'])?.['url']).replace(/.*\|/, ''),
    resource: object(one['resource'])!,
  }))
}

const linksOf = ({ resource }: Written) =>
  objects(resource['link']).map((link) => `${String(link['type'])} ${String(object(link['other'])?.['reference'])}`)

describe('A40', () => {
  test('each group is a merge of its own', () => {
    const all = patientsOf(merge(pid(cx('1')), `MRG|${cx('2')}`, pid(cx('3')), `MRG|${cx('4')}`))
    expect(all.map(({ by, resource }) => `${by} ${String(resource['active'])}`)).toEqual([
      '1 true',
      '2 false',
      '3 true',
      '4 false',
    ])
    const url = (n: number) => all[n]?.fullUrl
    expect(all.map(linksOf)).toEqual([
      [`replaces ${url(1)}`],
      [`replaced-by ${url(0)}`],
      [`replaces ${url(3)}`],
      [`replaced-by ${url(2)}`],
    ])
  })

  test('one who replaces two is written once, with both', () => {
    const all = patientsOf(merge(pid(cx('1')), `MRG|${cx('2')}`, pid(cx('1')), `MRG|${cx('3')}`))
    expect(all.map(({ by }) => by)).toEqual(['1', '2', '3'])
    expect(linksOf(all[0]!)).toEqual([`replaces ${all[1]?.fullUrl}`, `replaces ${all[2]?.fullUrl}`])
  })

  test('each group has the ZFD that follows it', () => {
    const made = merge(pid(cx('1')), `MRG|${cx('2')}`, pid(cx('3')), `MRG|${cx('4')}`, 'ZFD|||||INSI')
    const said = patientsOf(made).map(({ resource }) => JSON.stringify(resource['extension'] ?? '').includes('INSI'))
    expect(said).toEqual([false, false, true, false])
  })

  test.each<[name: string, old: string, by: string, kept: string[]]>([
    ['an INS that the survivor has', `${INS}~${cx('2')}`, '2', ['2']],
    ['a billing number', `${NH}~${cx('2')}`, '2', ['2', '254035313000022']],
    ['a number that the survivor has', `${cx('1')}~${cx('2')}`, '2', ['2']],
  ])('%s does not name the one who is replaced', (_name, old, by, kept) => {
    const [, replaced] = patientsOf(merge(pid(`${cx('1')}~${INS}`, 'VALI'), `MRG|${old}`))
    expect(replaced?.by).toBe(by)
    expect(objects(replaced?.resource['identifier']).map(({ value }) => value)).toEqual(kept)
  })

  test.each<[name: string, at: string, lines: string[]]>([
    ['only an INS', 'MRG-1', [pid(`${cx('1')}~${INS}`, 'VALI'), `MRG|${INS}`]],
    ['only what the survivor has', 'MRG-1', [pid(cx('1')), `MRG|${cx('1')}`]],
    ['a second PID without MRG', 'MRG(2)-1', [pid(cx('1')), `MRG|${cx('2')}`, pid(cx('3'))]],
    ['two MRG of one PID', 'MRG-1', [pid(cx('1')), `MRG|${cx('2')}`, `MRG|${cx('3')}`]],
    ['a second PID without number', 'PID(2)-3', [pid(cx('1')), `MRG|${cx('2')}`, pid(''), `MRG|${cx('3')}`]],
    ['a chain', 'Patient.identifier', [pid(cx('1')), `MRG|${cx('2')}`, pid(cx('3')), `MRG|${cx('1')}`]],
  ])('%s: refused', (_name, at, lines) => {
    expect(merge(...lines)).toEqual({ ok: false, code: 'CONVERSION_FAILED', at })
  })
})

test.each<[kind: string, lines: string[]]>([
  ['ADT^A31^ADT_A05', []],
  ['ADT^A01^ADT_A01', ['PV1||I|||||||||||||||||7^^^H&539990028&M^VN']],
  ['SIU^S12^SIU_S12', ['SCH|R1|F1|||||G^Groupe^L|||60|^^^20261201100000']],
])('a second patient in %s is not lost unseen', (kind, lines) => {
  expect(converted(kind, ...lines, pid(cx('1')), pid(cx('3')))).toEqual({
    ok: false,
    code: 'CONVERSION_FAILED',
    at: 'PID(2)',
  })
})
