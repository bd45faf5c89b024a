import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dryRunText } from '../../src/app/cli/dry-run.ts'
import { regionText, writeRegion } from '../support/region.ts'
import { passerelle } from './terminal.ts'

const message = [
  'MSH|^~\\&|LAB|SENDER|X||20260105||ADT^A01^ADT_A01|C1|T|2.5||||||8859/15',
  'PID|1||1^^^X&1.2.3&ISO^PI||ESSAI (FICTIF)^Zo\xe9',
  'PV1|1|I|U1^2',
  'ZXX|secret',
  '',
].join('\n')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dry-run-'))
  mkdirSync(join(folder, 'profiles', 'tables'), { recursive: true })
  writeFileSync(join(folder, 'profiles', 'tables', 'units.csv'), 'from,to\nU1,CARDIO\n')
  const edit = [
    { set: 'PID-5.2', to: 'LÉA' },
    { map: 'PV1-3.1', table: 'units' },
    { map: 'PV1-2', table: 'units' },
    { drop: 'ZXX' },
  ]
  const kinds = ['ADT^A01']
  writeRegion(
    folder,
    regionText({
      routes: [
        { name: 'edited', when: { kinds }, to: ['receiver/dpi'], edit },
        { name: 'impossible', when: { kinds: ['ADT^A02'] }, to: ['receiver/dpi'], edit: [{ set: 'PV1-2', to: '漢' }] },
        { name: 'kept', when: { kinds }, to: ['platform'], lane: 'urgent' },
      ],
    }),
  )
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(text: string, ...options: string[]) {
  const file = join(folder, 'message.hl7')
  writeFileSync(file, text, 'latin1')
  return passerelle(['send', file, '--dry-run', '--region', join(folder, 'region.yaml'), ...options])
}

test('each destination, and its fields before and after', async () => {
  const { code, out, err } = await run(message)
  expect([code, err]).toEqual([0, ''])
  expect(out).toBe(
    [
      'ADT^A01 C1 from sender',
      '  SEGMENT_MISSING EVN: segment EVN is required [ADT-VISIT, 3.3]',
      '  VERSION_UNEXPECTED MSH-12: MSH-12: ADT are exchanged as 2.5^FRA^2.11 (PAM France) [ADT-FR-VERSION, 6.5]',
      '  FIELD_MISSING MSH-6: MSH-6 is required [V0-MSH-6, 2.15.9.6]',
      '',
      'receiver/dpi  route edited, lane normal',
      '  set  PID-5.2      Zoé → LÉA',
      '  map  PV1-3.1      U1 → CARDIO',
      '  drop ZXX          ZXX|secret → (nothing)',
      '  MAP_MISSING PV1-2: A value had no row in the table of a map edit, and went on as it came: add the row.',
      '',
      'platform  route kept, lane urgent',
      '  the bytes as they came',
      '',
    ].join('\n'),
  )
})

test('the same for programs', async () => {
  const { out } = await run(message, '--json')
  expect(JSON.parse(out)).toMatchObject({
    taken: true,
    from: 'sender',
    deliveries: [
      { destination: 'receiver/dpi', changes: [{}, { verb: 'map', at: 'PV1-3.1', before: 'U1', after: 'CARDIO' }, {}] },
      { destination: 'platform', changes: [] },
    ],
  })
})

test.each<[name: string, change: [string, string], code: number, said: RegExp]>([
  ['no route', ['ADT^A01', 'ADT^A08'], 1, /^NO_ROUTE MSH-9: /],
  ['an unknown sender', ['SENDER', 'NOBODY'], 1, /^UNKNOWN_SENDER MSH-4: /],
  ['no message', ['MSH', 'MSX'], 1, /^NOT_HL7 MSH: /],
  [
    'an edit that cannot be made',
    ['ADT^A01', 'ADT^A02'],
    0,
    /lane normal\n {2}EDIT_FAILED: .*\n {4}set \S+: the value does not fit the message at /,
  ],
])('%s is told', async (_name, [from, to], code, said) => {
  const ran = await run(message.replace(from, to))
  expect([ran.code, ran.out]).toEqual([code, expect.stringMatching(said)])
})

test('a region with errors, and --to, are told', async () => {
  expect(await run(message, '--to', 'mllp://127.0.0.1:1')).toMatchObject({ code: 2 })
  writeFileSync(join(folder, 'region.yaml'), 'x: 1')
  expect(await run(message)).toMatchObject({ code: 1, err: expect.stringContaining('passerelle check') })
})

test("a route's transform is shown beside the edits of others", async () => {
  const kinds = ['ADT^A31']
  writeRegion(
    folder,
    regionText({
      establishments: [
        { id: 'sender', name: 'S', kind: 'hospital', senders: { facilities: ['SENDER'] } },
        {
          id: 'receiver',
          name: 'R',
          kind: 'hospital',
          destinations: {
            fhir: { type: 'fhir', url: 'http://127.0.0.1:1/fhir', use: 'qualification' },
            utf8: { type: 'mllp', host: '127.0.0.1', port: 1, use: 'qualification', charset: 'UNICODE UTF-8' },
          },
        },
      ],
      routes: [
        { name: 'to FHIR', when: { kinds }, to: ['receiver/fhir'], transform: 'fhir' },
        { name: 'to UTF-8', when: { kinds }, to: ['receiver/utf8'], edit: [{ set: 'PID-5.2', to: 'L€A' }] },
      ],
    }),
  )
  const patient = message.replace('ADT^A01^ADT_A01', 'ADT^A31^ADT_A05')
  const { code, out } = await run(patient)
  expect(code).toBe(0)
  expect(out).toContain('receiver/fhir  route to FHIR, lane normal\n  {\n    "resourceType": "Bundle",\n')
  expect(out).toContain('            "given": [\n                "Zoé"\n')
  expect(out).toContain('  CONVERTED receiver/fhir: ')
  expect(out).toContain(
    'receiver/utf8  route to UTF-8, lane normal\n  set  PID-5.2      Zoé → L€A\n  CHARSET_CONVERTED MSH-18: ',
  )
  expect((await run(patient.replace('1^^^X&1.2.3&ISO^PI', ''))).out).toContain('  CONVERSION_FAILED PID-3: ')
})

test('colours mark before and after, and content cannot drive the terminal', () => {
  const change = { verb: 'set', at: 'PV1-2', before: 'a\u001b[2J', after: 'b' } as const
  const delivery = {
    destination: 'x/y',
    route: 'r',
    lane: 'normal',
    transformed: null,
    changes: [change],
    findings: [],
    failure: null,
  } as const
  const text = dryRunText(
    { taken: true, kind: 'ADT^A01', controlId: 'C1', from: 'x', deliveries: [delivery], findings: [] },
    'en',
    true,
  )
  expect(text).toContain('\u001b[31ma?[2J\u001b[0m → \u001b[32mb\u001b[0m')
})

test('the INS that an identity which is not qualified would lose is shown', async () => {
  const { out } = await run(message.replace('^PI|', '^PI~279035121518989^^^X&1.2.250.1.213.1.4.10&ISO^INS|'))
  expect(out).toContain('INS_STRIPPED PID-3')
  expect(out).toContain(
    '  drop PID-3        1^^^X&1.2.3&ISO^PI~279035121518989^^^X&1.2.250.1.213.1.4.10&ISO^INS → 1^^^X&1.2.3&ISO^PI\n',
  )
})
