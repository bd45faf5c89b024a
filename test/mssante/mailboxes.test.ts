import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Config } from '../../src/core/config.ts'
import type { GatewayError } from '../../src/core/errors.ts'
import type { Journal } from '../../src/core/journal.ts'
import type { MailDomain } from '../../src/core/mail.ts'
import type { MailboxAct, MailboxCommands, MailboxViews, NewMailbox } from '../../src/core/mailboxes.ts'
import { idNpsOf } from '../../src/formats/identifiers/professional.ts'
import { readMailboxCsv } from '../../src/formats/mail/mailbox-csv.ts'
import { mailboxCommands } from '../../src/mssante/mailbox-commands.ts'
import { judgeMailbox } from '../../src/mssante/mailbox-rules.ts'
import { mailboxViews } from '../../src/mssante/mailbox-views.ts'
import { findMailbox, mailboxesOfPerson, mailboxOfCertificate } from '../../src/mssante/mailboxes.ts'
import { manualClock } from '../support/peers/clock.ts'
import { openStore } from '../support/stores.ts'

/** An invented RPPS with a good key. */
const RPPS = `1000123456${keyOf('1000123456')}`
const OTHER = `1000123457${keyOf('1000123457')}`
const EG = '530000017'

function keyOf(body: string): string | undefined {
  return [...'0123456789'].find((key) => idNpsOf(body + key)?.keyHolds)
}

const domains = new Map<string, MailDomain>(
  [
    ['ch-laval.mssante.test', 'ch-laval'],
    ['chu-nantes.mssante.test', 'chu-nantes'],
  ].map(([name = '', establishment = '']) => [name, { name, establishment, store: { kind: 'maildir' } }]),
)
const config = {
  mail: { whiteList: null, operator: { domains } },
  establishments: new Map([
    ['ch-laval', { finess: { ej: null, eg: [EG] } }],
    ['chu-nantes', { finess: { ej: null, eg: [] } }],
  ]),
} as unknown as Config

const written = (more: Partial<NewMailbox> = {}): NewMailbox => ({
  ...{ address: 'cardiologie@ch-laval.mssante.test', kind: 'ORG', name: 'Cardiologie', establishment: null },
  ...{ entity: null, owner: null, responsible: null, service: null, description: null, redList: false },
  ...{ quota: null, certificate: null },
  ...more,
})
const person = (more: Partial<NewMailbox> = {}): NewMailbox =>
  written({
    ...{ address: 'anne.martin@ch-laval.mssante.test', kind: 'PER', name: 'Dr_Anne_MARTIN_CH-Laval', owner: RPPS },
    ...more,
  })
const DN = 'CN=dpi.exemple.test,O=EXEMPLE,C=FR'
const app = (more: Partial<NewMailbox> = {}): NewMailbox =>
  written({ address: 'dpi@ch-laval.mssante.test', kind: 'APP', name: 'DPI', certificate: DN, ...more })

describe('what a mailbox may be', () => {
  const at = (local: string) => written({ address: `${local}@ch-laval.mssante.test` })
  test.each<[string, NewMailbox, string[]]>([
    ['an organisation’s', written({ service: 'Cardiologie', responsible: 'Dr Martin', entity: EG }), []],
    ['a person’s', person(), []],
    ['a person’s without a title', person({ name: '_Anne_MARTIN LE GOFF_CH-Laval' }), []],
    ['an application’s', app(), []],
    ['a practice’s, without an owner', written({ kind: 'CAB', description: 'Secrétariat' }), []],
    ['its establishment is named', written({ establishment: 'ch-laval' }), []],
    ['another establishment’s domain', written({ establishment: 'chu-nantes' }), ['establishment MAILBOX_DOMAIN']],
    ['a domain of others', written({ address: 'a@exemple.test' }), ['address MAILBOX_DOMAIN']],
    ['no address', written({ address: 'cardiologie' }), ['address MAILBOX_ADDRESS']],
    ['a tag', at('a+b'), ['address MAILBOX_ADDRESS']],
    ['two dots', at('a..b'), ['address MAILBOX_ADDRESS']],
    ['a dot at the end', at('a.'), ['address MAILBOX_ADDRESS']],
    ['other letters', at('rené'), ['address MAILBOX_ADDRESS']],
    ['65 letters', at('a'.repeat(65)), ['address MAILBOX_ADDRESS']],
    ['the number of a patient', at('279035121518989'), ['address MAILBOX_ADDRESS']],
    ['one of Corsica, without its key', at('279032A121518'), ['address MAILBOX_ADDRESS']],
    ['an entity of nobody here', written({ entity: '530000025' }), ['entity MAILBOX_ENTITY']],
    ['an owner of a service', written({ owner: RPPS }), ['owner MAILBOX_OWNER']],
    ['nobody’s', person({ owner: null }), ['owner MAILBOX_OWNER']],
    ['no identifier', person({ owner: 'Dr Martin' }), ['owner MAILBOX_OWNER']],
    ['a person’s name as people say it', person({ name: 'Dr Anne Martin' }), ['name MAILBOX_NAME']],
    ['a family name in small letters', person({ name: 'Dr_Anne_Martin_CH' }), ['name MAILBOX_NAME']],
    ['an unseen sign in its name', written({ name: 'Cardio\u202elogie' }), ['name MAILBOX_NAME']],
    ['a person with a service', person({ service: 'Cardiologie' }), ['service MAILBOX_FIELD']],
    ['a practice with a service', written({ kind: 'CAB', service: 'Cardiologie' }), ['service MAILBOX_FIELD']],
    ['a service with a certificate', written({ certificate: DN }), ['certificate MAILBOX_FIELD']],
    ['a certificate that is no name', app({ certificate: 'dpi' }), ['certificate MAILBOX_CERTIFICATE']],
    ['a quota of nothing', written({ quota: 10 }), ['quota MAILBOX_FIELD']],
    [
      'all at once',
      person({ address: 'a b', name: 'x', owner: null, quota: 1 }),
      ['address MAILBOX_ADDRESS', 'owner MAILBOX_OWNER', 'name MAILBOX_NAME', 'quota MAILBOX_FIELD'],
    ],
  ])('%s', (_name, box, wrong) => {
    const judged = judgeMailbox(box, config)
    expect('problems' in judged ? judged.problems.map(({ field, code }) => `${field} ${code}`) : []).toEqual(wrong)
  })

  test('a wrong key of the owner is told and takes nothing back', () => {
    const wrong = RPPS.replace(/\d$/, (key) => String((Number(key) + 1) % 10))
    expect(judgeMailbox(person({ owner: wrong }), config)).toMatchObject({
      kept: { owner: `8${wrong}`, address: 'anne.martin@ch-laval.mssante.test', establishment: 'ch-laval' },
      warnings: [{ field: 'owner', code: 'MAILBOX_OWNER_KEY' }],
    })
  })

  test.each<[string, string | null]>([
    [RPPS, `8${RPPS}`],
    [`8${RPPS}`, `8${RPPS}`],
    ['531234567', '0531234567'],
    ['3530000017/abc', '3530000017/ABC'],
    ['Martin', null],
    ['ABCDEFGHI', null],
    ['', null],
  ])('the national identifier %s', (text, idNps) => {
    expect(idNpsOf(text)?.idNps ?? null).toBe(idNps)
  })
})

describe('a file of mailboxes', () => {
  const boxes = (text: string) => readMailboxCsv(text).boxes.map(({ line, box }) => [line, box.address, box.name])
  const problems = (text: string) => readMailboxCsv(text).problems.map((one) => `${one.line} ${one.field}`)
  test.each<[string, string, unknown[], string[]]>([
    ['semicolons', 'address;kind;name\na@x;ORG;A\n', [[2, 'a@x', 'A']], []],
    [
      'commas, quotes and a byte order mark',
      '\ufeffkind,address,name\r\norg,a@x,"A, ""B"""\r\n',
      [[2, 'a@x', 'A, "B"']],
      [],
    ],
    [
      'a line break in quotes',
      'address;kind;name\n"a@x";ORG;"A\nB"\nb@x;ORG;C',
      [
        [2, 'a@x', 'A\nB'],
        [4, 'b@x', 'C'],
      ],
      [],
    ],
    ['empty lines', 'address;kind;name\n\n;;\na@x;ORG;A', [[4, 'a@x', 'A']], []],
    ['nothing', '', [], ['1 file']],
    ['a header alone', 'address;kind;name\n', [], ['1 file']],
    ['a column of nobody', 'address;kind;name;phone\na;ORG;A;1', [], ['1 file']],
    ['a column that is missing', 'address;name\na;A', [], ['1 file']],
    ['too many values', 'address;kind;name\na;ORG;A;B', [], ['2 file']],
    [
      'odd values',
      'address;kind;name;redList;quota\na@x;XXX;A;maybe;much\nb@x;ORG;B;oui;1 GiB',
      [[3, 'b@x', 'B']],
      ['2 kind', '2 redList', '2 quota'],
    ],
  ])('%s', (_name, text, found, wrong) => {
    expect([boxes(text), problems(text)]).toEqual([found, wrong])
  })
})

let journal: Journal
let end: () => Promise<void>
let commands: MailboxCommands
let views: MailboxViews
const clock = manualClock()
const act: MailboxAct = { who: 'ada', why: 'demande 12', reach: null }

beforeAll(async () => {
  const store = await openStore()
  ;({ journal, end } = store)
  await journal.adopt('test', 0, '{}')
  const parts = { journal, config: () => config, clock }
  ;[commands, views] = [mailboxCommands(parts), mailboxViews(parts)]
})
afterAll(() => end())
beforeEach(async () => {
  const tables = ['mailbox', 'mailbox_delegate']
  await journal.apply({ rows: tables.map((name) => ({ sql: `DELETE FROM ${name}`, parameters: [] })) })
})

const codeOf = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (fault: GatewayError) => fault.code,
  )
const refusal = async (work: ReturnType<MailboxCommands['create']>): Promise<string[]> => {
  const done = await work
  return done.ok ? [] : done.problems.map(({ field, code }) => `${field} ${code}`)
}
const addresses = async (...[filter, page, reach]: Partial<Parameters<MailboxViews['list']>>): Promise<string[]> =>
  (await views.list(filter ?? {}, page ?? { limit: 50 }, reach ?? null)).mailboxes.map(({ address }) => address)
const lastEvents = async (n: number): Promise<unknown[]> =>
  (
    await journal.look<{ what: string; who: string; why: string; detail: string }>({
      sql: 'SELECT what, who, why, detail FROM event ORDER BY seq DESC LIMIT ?',
      parameters: [n],
    })
  ).map(({ what, who, why, detail }) => [what, who, why, detail])

test('the life of a mailbox: made once, changed where it may be, suspended, resumed, closed for ever', async () => {
  const box = app().address
  expect(await commands.create(app({ address: 'DPI@ch-laval.mssante.test' }), act)).toMatchObject({
    ok: true,
    mailbox: { address: box, state: 'active', establishment: 'ch-laval', closedAtMs: null },
  })
  const key = judgeMailbox(app(), config)
  const certificateKey = ('kept' in key && key.kept.certificateKey) || ''
  expect((await mailboxOfCertificate(journal, certificateKey))?.address).toBe(box)
  expect(await refusal(commands.create(app(), act))).toEqual(['address MAILBOX_TAKEN'])
  const twin = app({ address: 'autre@ch-laval.mssante.test', certificate: DN.replaceAll(',', ', ') })
  expect(await refusal(commands.create(twin, act))).toEqual(['certificate MAILBOX_CERTIFICATE_TAKEN'])

  const change = { name: 'DPI 2', redList: true, quota: 2 ** 30, responsible: 'DSI', description: null }
  expect(await commands.change(box, change, act)).toMatchObject({ ok: true, mailbox: { ...change, service: null } })
  expect(await refusal(commands.change(box, { owner: RPPS, name: '' }, act))).toEqual([
    'owner MAILBOX_FIELD',
    'name MAILBOX_NAME',
  ])
  expect(await codeOf(commands.change(box, {}, act))).toBe('BAD_REQUEST')
  await commands.create(app({ address: 'labo@ch-laval.mssante.test', certificate: null }), act)
  expect(await refusal(commands.change('labo@ch-laval.mssante.test', { certificate: DN }, act))).toEqual([
    'certificate MAILBOX_CERTIFICATE_TAKEN',
  ])

  expect((await commands.move(box, 'suspend', act)).state).toBe('suspended')
  expect(await codeOf(commands.move(box, 'suspend', act))).toBe('WRONG_STATE')
  expect((await commands.move(box, 'resume', act)).state).toBe('active')
  expect(await commands.move(box, 'close', act)).toMatchObject({ state: 'closed', closedAtMs: clock.nowMs() })
  const late = [
    commands.move(box, 'resume', act),
    commands.change(box, { name: 'x' }, act),
    commands.delegate(box, OTHER, act),
  ]
  expect(await Promise.all(late.map(codeOf))).toEqual(late.map(() => 'MAILBOX_CLOSED'))
  expect(await refusal(commands.create(app({ certificate: null }), act))).toEqual(['address MAILBOX_TAKEN'])
  // Its certificate is free again.
  expect(await refusal(commands.change('labo@ch-laval.mssante.test', { certificate: DN }, act))).toEqual([])
  expect(await lastEvents(2)).toEqual([
    ['change-mailbox', 'ada', 'demande 12', 'labo@ch-laval.mssante.test certificate'],
    ['close-mailbox', 'ada', 'demande 12', box],
  ])
})

test('the owner of a personal mailbox stays, others come and go', async () => {
  const { address } = person()
  await commands.create(person(), act)
  expect(await refusal(commands.change(address, { owner: OTHER }, act))).toEqual(['owner MAILBOX_FIELD'])
  expect(await refusal(commands.delegate(address, RPPS, act))).toEqual(['person MAILBOX_DELEGATE'])
  expect(await refusal(commands.delegate(address, 'Dr Martin', act))).toEqual(['person MAILBOX_DELEGATE'])
  expect(await refusal(commands.delegate(address, OTHER, act))).toEqual([])
  expect(await codeOf(commands.delegate(address, `8${OTHER}`, act))).toBe('WRONG_STATE')
  const boxes = async (who: string) => (await mailboxesOfPerson(journal, `8${who}`)).map((one) => one.address)
  expect([await boxes(RPPS), await boxes(OTHER)]).toEqual([[address], [address]])
  expect((await views.one(address, null))?.delegates).toEqual([{ person: `8${OTHER}`, sinceMs: clock.nowMs() }])
  expect(await refusal(commands.undelegate(address, OTHER, act))).toEqual([])
  expect(await codeOf(commands.undelegate(address, OTHER, act))).toBe('WRONG_STATE')
  expect([await boxes(RPPS), await boxes(OTHER)]).toEqual([[address], []])
  await commands.create(written({ address: 'cab@ch-laval.mssante.test', kind: 'CAB', owner: RPPS }), act)
  expect(await commands.change('cab@ch-laval.mssante.test', { owner: OTHER }, act)).toMatchObject({
    mailbox: { owner: `8${OTHER}` },
  })
})

test('two who change a mailbox at the same time both do', async () => {
  const { address } = person()
  await commands.create(person(), act)
  const many = [commands.change(address, { redList: true }, act), commands.change(address, { quota: 2 ** 30 }, act)]
  expect((await Promise.all(many)).map(({ ok }) => ok)).toEqual([true, true])
  expect(await findMailbox(journal, address)).toMatchObject({ redList: true, quota: 2 ** 30 })
})

test('lists, search and reach', async () => {
  const nantes = written({ address: 'urgences@chu-nantes.mssante.test', name: 'Urgences 100%' })
  for (const one of [written({ service: 'Médecine' }), person(), app(), nantes]) await commands.create(one, act)
  await commands.move(app().address, 'suspend', act)
  const all = [person().address, written().address, app().address, nantes.address]
  expect(await addresses()).toEqual(all)
  expect(await addresses({ kind: 'PER' })).toEqual([person().address])
  expect(await addresses({ state: 'suspended' })).toEqual([app().address])
  expect(await addresses({ domain: 'chu-nantes.mssante.test' })).toEqual([nantes.address])
  for (const [q, found] of [
    ['MARTIN anne', [person().address]],
    [RPPS.slice(0, 8), [person().address]],
    ['médecine', [written().address]],
    ['MÉDEC', [written().address]],
    ['100%', [nantes.address]],
    ['1_0%', []],
    ["' OR 1=1 --", []],
  ] as const) {
    expect([q, await addresses({ q })]).toEqual([q, found])
  }
  const page = await views.list({}, { limit: 3 }, null)
  expect([page.mailboxes.length, page.next]).toEqual([3, app().address])
  expect(await addresses({}, { limit: 3, after: page.next ?? '' })).toEqual([nantes.address])
  const reach = { establishments: ['chu-nantes'], applications: null }
  expect(await addresses({}, { limit: 9 }, reach)).toEqual([nantes.address])
  expect(await addresses({}, { limit: 9 }, { establishments: [], applications: null })).toEqual([])
  expect(await views.one(person().address, reach)).toBeNull()
  expect(views.domains(reach).map(({ name }) => name)).toEqual(['chu-nantes.mssante.test'])
  const theirs = { ...act, reach }
  expect(await codeOf(commands.move(person().address, 'close', theirs))).toBe('NOT_FOUND')
  expect(await codeOf(commands.create(written({ address: 'x@ch-laval.mssante.test' }), theirs))).toBe('FORBIDDEN')
})

test('a file: all of it or nothing, every problem at once, and what was written comes back', async () => {
  await commands.create(person(), act)
  const csv = `address;kind;name;owner;certificate
anne.martin@ch-laval.mssante.test;PER;Dr_Anne_MARTIN_CH;${RPPS};
dpi@ch-laval.mssante.test;APP;DPI;;"${DN}"
dpi@ch-laval.mssante.test;APP;DPI;;"${DN}"
279035121518989@ch-laval.mssante.test;ORG;;${RPPS};
x@ch-laval.mssante.test;BAL;X;;
`
  const told = await commands.import(csv, false, act)
  expect([told.created, told.problems.map(({ line, field, code }) => `${line} ${field} ${code}`)]).toEqual([
    0,
    [
      '2 address MAILBOX_TAKEN',
      '4 address MAILBOX_TAKEN',
      '4 certificate MAILBOX_CERTIFICATE_TAKEN',
      '5 address MAILBOX_ADDRESS',
      '5 owner MAILBOX_OWNER',
      '5 name MAILBOX_NAME',
      '6 kind MAILBOX_FIELD',
    ],
  ])
  const lines = Array.from({ length: 300 }, (_, n) => `service-${n}@ch-laval.mssante.test;ORG;"=Service ""${n}"""`)
  const good = ['address;kind;name', ...lines].join('\n')
  expect(await commands.import(good, true, act)).toMatchObject({ created: 300, dryRun: true, problems: [] })
  expect(await addresses()).toEqual([person().address])
  expect(await commands.import(good, false, act)).toMatchObject({ created: 300, problems: [] })
  let out = ''
  for await (const piece of views.csv({ kind: 'ORG' }, null)) out += piece
  expect(readMailboxCsv(out).boxes.map(({ box }) => box.name)).toContain('=Service "299"')
  expect(out).toContain(`;"'=Service ""299""";`)
  expect((await commands.import(out, true, act)).problems.length).toBe(300)
})
