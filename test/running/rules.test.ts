import { expect, test } from 'vitest'
import { movement, movements, order } from '../formats/hl7v2-rules/samples.ts'
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

test('what is a matter of form is taken from strict senders too', async () => {
  const world = await gateway()
  for (const from of ['strict', 'sender']) {
    const { code, errors, controlId } = await post(world, from, set(movement('A01'), 'PV1-4', 'X'))
    expect([code, errors]).toEqual(['AA', []])
    expect(await findingsOf(world, controlId)).toEqual(['form VALUE_UNLISTED PV1-4'])
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
