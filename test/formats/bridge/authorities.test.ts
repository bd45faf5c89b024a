/** Identifiers under a mere name (CX-4.1): one of another domain is another identifier. */
import { describe, expect, test } from 'vitest'
import { toFhir, toHl7 } from '../../../src/formats/bridge/bridge.ts'
import type { BridgeContext } from '../../../src/formats/bridge/context.ts'
import { resourcesOf } from '../../../src/formats/fhir/bundle.ts'
import { type JsonObject, objects } from '../../../src/formats/fhir/json.ts'
import { CONTEXT, jsonOf, linesOf, messageOfText } from './conversions.ts'

const NAMED: BridgeContext = { ...CONTEXT, sender: { ...CONTEXT.sender, names: ['HOPITAL_A'] } }
const OWN = 'urn:oid:1.2.250.1.71.4.2.2.1539990028'
const inside = (name: string) => `urn:passerelle:authority:L:539990028%2F${name}`

const MSH = (kind: string) =>
  `MSH|^~\\&|GAM|CH-HAUT-ANJOU^539990028^M|DPI|CHU-ANGERS^490000031^M|20261123094500+0100||${kind}|X1|T|2.5^FRA^2.11|||||FRA|UNICODE UTF-8`
const pid = (identifiers: string, account = '') =>
  `PID|||${identifiers}||LEROUX (FICTIF)^SUZANNE^SUZANNE^^^^L||19540312|F||||||||||${account}||||||||||||||PROV`

function converted(lines: readonly string[]): { bundle: JsonObject; bytes: Buffer } {
  const made = toFhir(messageOfText(`${lines.join('\n')}\n`), NAMED)
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  return { bundle: made.made.resource, bytes: made.made.bytes }
}

function back(bytes: Buffer, context = NAMED): string[] {
  const made = toHl7(jsonOf(bytes), context)
  if (!made.ok) throw new Error(`${made.code} ${made.at}`)
  return linesOf(made.made.bytes).split('\n')
}

const field = (lines: readonly string[], segment: string, n: number) =>
  lines.find((line) => line.startsWith(`${segment}|`))?.split('|')[n]
const systemsOf = (bundle: JsonObject, type: string) =>
  resourcesOf(bundle)
    .filter(({ resourceType }) => resourceType === type)
    .flatMap(({ identifier }) => objects(identifier).map(({ system }) => system))

describe('a patient', () => {
  test.each<[name: string, cx: string, system: string, comesBack: string]>([
    ['no authority', '55^^^^PI', OWN, '55^^^CH-HAUT-ANJOU&539990028&M^PI'],
    ['the name of the sender', '55^^^CH-HAUT-ANJOU^PI', OWN, '55^^^CH-HAUT-ANJOU&539990028&M^PI'],
    ['another name that it sends under', '55^^^hopital_a^PI', OWN, '55^^^hopital_a&539990028&M^PI'],
    ['a domain inside it', '55^^^CARDIO^PI', inside('CARDIO'), '55^^^CARDIO^PI'],
    ['another domain inside it', '55^^^GAM^PI', inside('GAM'), '55^^^GAM^PI'],
    ['a whole authority', '55^^^CARDIO&1.2.3&ISO^PI', 'urn:oid:1.2.3', '55^^^CARDIO&1.2.3&ISO^PI'],
  ])('%s', (_name, cx, system, comesBack) => {
    const { bundle, bytes } = converted([MSH('ADT^A31^ADT_A05'), 'EVN||20261123', pid(cx), 'PV1||N'])
    expect(systemsOf(bundle, 'Patient')).toEqual([system])
    expect(field(back(bytes), 'PID', 3)).toBe(comesBack)
  })

  test("a domain of another establishment keeps that one's name", () => {
    const { bytes } = converted([MSH('ADT^A31^ADT_A05'), 'EVN||20261123', pid('55^^^GAM^PI'), 'PV1||N'])
    const other = { ...CONTEXT, sender: CONTEXT.receiver }
    expect(field(back(bytes, other), 'PID', 3)).toBe('55^^^GAM&539990028/GAM&L^PI')
  })
})

test('a stay, its account and its unit', () => {
  const { bundle, bytes } = converted([
    MSH('ADT^A01^ADT_A01'),
    'EVN||20261123094500+0100',
    pid('55^^^GAM^PI', '9^^^CAISSE^AN'),
    `PV1||I|||||||||||||||||7^^^GAM^VN${'|'.repeat(25)}20261123094500+0100`,
    'ZBE|M1^GAM|20261123094500+0100||INSERT|N||Cardio^^^^^UFS^UF^^^1000||HMS',
  ])
  expect(systemsOf(bundle, 'Encounter')).toEqual([inside('GAM')])
  const lines = back(bytes)
  expect([field(lines, 'PV1', 19), field(lines, 'PID', 18), field(lines, 'ZBE', 7)]).toEqual([
    '7^^^GAM^VN',
    '9^^^CAISSE^AN',
    'Cardio^^^^^UFS^UF^^^1000',
  ])
})

test('a change of identifier tells the same name', () => {
  const { bytes } = converted([MSH('ADT^A47^ADT_A30'), 'EVN||20261123', pid('56^^^GAM^PI'), 'MRG|55^^^GAM^PI'])
  expect(bytes.toString()).toContain(inside('GAM'))
  const lines = back(bytes)
  expect([field(lines, 'PID', 3), field(lines, 'MRG', 1)]).toEqual(['56^^^GAM^PI', '55^^^GAM^PI'])
})

describe('the billing number is the family’s: nobody is found by it', () => {
  const BILLING = '248015306200093^^^ASIP-SANTE-NIR&1.2.250.1.213.1.4.8&ISO^NH'
  const LOCAL = '4711^^^CH-HAUT-ANJOU&539990028&M^MR'
  const urlsOf = (bundle: JsonObject) => objects(bundle['entry']).map(({ request }) => JSON.stringify(request))
  const kinds: readonly (readonly string[])[] = [
    [MSH('ADT^A31^ADT_A05'), 'EVN||20261123', 'PID', 'PV1||N'],
    [MSH('ORU^R01^ORU_R01'), 'PID', 'OBR|1|P1|ACC77|CR^Compte rendu^L', 'OBX|1|ST|X^Titre^L||x||||||F'],
  ]
  test.each(kinds)('%s', (...lines) => {
    const withPid = (identifiers: string) => lines.map((line) => (line === 'PID' ? pid(identifiers) : line))
    const { bundle } = converted(withPid(`${BILLING}~${LOCAL}`))
    expect(systemsOf(bundle, 'Patient')).toEqual(['urn:oid:1.2.250.1.213.1.4.8', OWN])
    expect(urlsOf(bundle).join()).toMatch(/identifier=[^"]*\|4711"/)
    expect(urlsOf(bundle).join()).not.toContain('248015306200093')
    const alone = toFhir(messageOfText(`${withPid(BILLING).join('\n')}\n`), NAMED)
    expect(alone).toMatchObject({ ok: false, code: 'CONVERSION_FAILED', at: 'PID-3' })
  })
  test('nor is it changed by an A47', () => {
    const lines = [MSH('ADT^A47^ADT_A30'), 'EVN||20261123', pid(LOCAL), `MRG|${BILLING}`]
    expect(toFhir(messageOfText(`${lines.join('\n')}\n`), NAMED)).toMatchObject({ ok: false, at: 'MRG-1' })
  })
})
