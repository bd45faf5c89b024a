import { expect, test } from 'vitest'
import { identities, movement, movements, order } from '../formats/hl7v2-rules/samples.ts'
import { type Lines, linesNamed, withValue } from '../formats/hl7v2-rules/segments.ts'
import { connect } from '../support/world/client.ts'
import { makeWorld, type World } from './gateway.ts'

/** Establishments that differ in how much they are asked. */
const SENDERS = [
  { id: 'sender', strict: false, ackPolicy: {} },
  { id: 'strict', strict: true, ackPolicy: { default: 'ans' } },
  { id: 'base', strict: true, ackPolicy: { default: 'hl7base', 'ADT^A02': 'ans' } },
]

async function gateway(parts: object = {}): Promise<World> {
  const world = makeWorld()
  const establishments = [
    ...SENDERS.map((one) => ({
      ...one,
      name: `${one.id} (fictif)`,
      kind: 'hospital',
      senders: { facilities: [one.id.toUpperCase()] },
    })),
  ]
  world.write(
    {},
    { establishments, routes: [{ name: 'all', when: { kinds: ['ADT^*', 'ORM^*'] }, to: ['platform'] }], ...parts },
  )
  await world.start()
  return world
}

/** What is answered: `AE`, and each ERR as `code @place`. */
interface Said {
  readonly code: string | undefined
  readonly kind: string
  readonly errors: readonly string[]
  readonly text: string
}

let sent = 0

/** Posts a message of lines in the name of an establishment, under an MSH-10 of its own. */
async function post(world: World, from: string, lines: Lines): Promise<Said & { readonly controlId: string }> {
  const controlId = `R${++sent}`
  const own = withValue(withValue(lines, 0, 'MSH-4', from.toUpperCase()), 0, 'MSH-10', controlId)
  const client = await connect(world.port('mllp'))
  const answer = await client.post(Buffer.from(`${own.join('\r')}\r`, 'utf8'))
  client.close()
  const text = answer?.raw.toString('utf8') ?? ''
  const segments = text.split('\r').map((line) => line.split('|'))
  const errors = segments.filter(([name]) => name === 'ERR').map((err) => `${err[3]!.split('^')[0]} @${err[2]}`)
  return { code: answer?.code, kind: segments[0]?.[8] ?? '', errors, text, controlId }
}

/** Findings of a message that was taken, as class, code and place. */
async function findingsOf(world: World, controlId: string): Promise<string[]> {
  const { json } = await world.call(`/api/messages?controlId=${controlId}`)
  const [{ id }] = json['messages'] as [{ id: string }]
  const detail = (await world.call(`/api/messages/${id}`)).json
  const findings = detail['findings'] as { code: string; class: string; at: string }[]
  return findings.map(({ code, class: cls, at }) => `${cls} ${code} ${at}`)
}

const set = (lines: Lines, path: string, value: string): Lines =>
  withValue(lines, linesNamed(lines, path.slice(0, 3))[0]!, path, value)
const drop = (lines: Lines, segment: string): Lines => lines.filter((line) => !line.startsWith(segment))
const shifted = drop(movement('A03'), 'ZBE').toSpliced(
  5,
  0,
  'ZBE|002^CH-EXEMPLE^530000371|20261123094000|20261123102840||INSERT|N||Urgences^^^^^^UF^^^8782||HMS',
)

/** Numbers are those of the black-box tests; strict senders are refused with these, all others taken with the findings. */
const cases: [name: string, lines: Lines, refused: string[], found: string[]][] = [
  ['1: a valid admission', movement('A01'), [], []],
  [
    '4: an admission in version 2.3',
    set(movement('A01'), 'MSH-12', '2.3'),
    ['203 @MSH^1^12'],
    ['contract VERSION_UNEXPECTED MSH-12'],
  ],
  [
    '5: A08',
    set(set(movement('A01'), 'MSH-9', 'ADT^A08^ADT_A01'), 'MSH-10', '1'),
    ['201 @MSH^1^9'],
    ['contract EVENT_EXCLUDED MSH-9'],
  ],
  ['6: an admission without ZBE', drop(movement('A01'), 'ZBE'), ['100 @ZBE^1'], ['contract SEGMENT_MISSING ZBE']],
  [
    '7: a discharge whose ZBE is shifted',
    shifted,
    ['198 @ZBE^1^3', '101 @ZBE^1^4'],
    ['contract FIELD_FORBIDDEN ZBE-3', 'contract FIELD_MISSING ZBE-4', 'form VALUE_UNLISTED ZBE-5'],
  ],
  ['8: Z99 with INSERT', movement('Z99', 'INSERT', 'A01'), ['103 @ZBE^1^4'], ['contract VALUE_UNLISTED ZBE-4']],
  ['9: Z99 without ZBE-6', set(movement('Z99'), 'ZBE-6', ''), ['101 @ZBE^1^6'], ['contract FIELD_MISSING ZBE-6']],
  [
    '10: a transfer of nature C',
    set(movement('A02'), 'ZBE-9', 'C'),
    ['103 @ZBE^1^9'],
    ['contract VALUE_UNLISTED ZBE-9'],
  ],
  [
    '13: an identity validated and doubtful',
    set(identities['A28']!, 'PID-32', 'VALI~DOUT'),
    ['207 @PID^1^32'],
    ['form INS_STRIPPED PID-3', 'contract STATUS_CONTRADICTED PID-32'],
  ],
  ['a table of form only', set(movement('A01'), 'PV1-4', 'X'), [], ['form VALUE_UNLISTED PV1-4']],
]

// One gateway for all: starting one takes longer than the table.
test('strict senders are refused, others taken with findings', async () => {
  const world = await gateway()
  for (const [name, lines, refused, found] of cases) {
    const strict = await post(world, 'strict', lines)
    expect([name, strict.code, strict.errors]).toEqual([name, refused.length > 0 ? 'AE' : 'AA', refused])
    const { code, errors, controlId } = await post(world, 'sender', lines)
    expect([name, code, errors, await findingsOf(world, controlId)]).toEqual([name, 'AA', [], found])
  }
})

test('what a rule refuses for is said in the language of the region, with the rule and its clause', async () => {
  const a08 = set(movement('A01'), 'MSH-9', 'ADT^A08^ADT_A01')
  const french = await post(await gateway(), 'strict', a08)
  expect(french.text).toContain(
    "|A08 est exclu de PAM France : A31 pour l'identité, Z99 pour un mouvement [PAM-A08, 2.2]|A08 est exclu",
  )
  const english = await post(await gateway({ region: { name: 'Essai', locale: 'en' } }), 'strict', a08)
  expect(english.text).toContain(
    '|A08 is excluded by PAM France: A31 for an identity, Z99 for a movement [PAM-A08, 2.2]|',
  )
})

test('the answer is of the kind asked, by the policy of sender and kind, and tells at most ten things', async () => {
  const world = await gateway()
  const old = (event: string): Lines => set(movement(event), 'MSH-12', '2.3')
  expect((await post(world, 'base', old('A01'))).code).toBe('AR')
  expect((await post(world, 'base', old('A02'))).code).toBe('AE')
  expect((await post(world, 'base', drop(movement('A01'), 'ZBE'))).code).toBe('AE')

  const bare = [movements['A01']![0]!.replace('2.5^FRA', '2.4^FRA'), 'EVN', 'PID', 'PV1', 'ZBE|||X']
  const { code, errors } = await post(world, 'strict', bare)
  expect([code, errors.length, errors[0]]).toEqual(['AE', 10, '203 @MSH^1^12'])

  expect(await post(world, 'strict', order)).toMatchObject({ code: 'AA', kind: 'ACK^O01^ACK' })
  const refused = await post(world, 'strict', set(order, 'OBR-4', ''))
  expect(refused).toMatchObject({ code: 'AE', kind: 'ACK^O01^ACK', errors: ['101 @OBR^1^4'] })
})

test('the region has the last word on a class', async () => {
  const world = await gateway({ rules: { 'PAM-ADT-A01': 'safety', 'PAM-A08': 'off' } })
  expect(await post(world, 'sender', drop(movement('A01'), 'ZBE'))).toMatchObject({
    code: 'AE',
    errors: ['100 @ZBE^1'],
  })
  expect((await post(world, 'strict', set(movement('A01'), 'MSH-9', 'ADT^A08^ADT_A01'))).code).toBe('AA')
})
