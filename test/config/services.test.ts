import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { sharedProblems } from '../../src/app/config/check/stored.ts'
import { compileConfig, planOf, type RegionReading, readRegion } from '../../src/app/config/index.ts'
import { ServiceFiles } from '../../src/app/config/service-files.ts'
import { canonical } from '../../src/app/config/shared.ts'
import type { Config } from '../../src/core/config.ts'
import { centre15Of, NO_TELEMEDICINE } from '../../src/core/services.ts'
import { orNothing, regionText, type Written, writeRegion } from '../support/region.ts'
import { LINES, lineOf, service } from './written-service.ts'

const SHIPPED = fileURLToPath(new URL('../../profiles/services', import.meta.url))
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'services-'))
})
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'profiles', 'services'), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const OFFERED = { telemedicine: { services: { trial: {} } } }

/** What is wrong with a service file alone. */
function problemsOf(text: string): string[] {
  writeFileSync(join(folder, 'profiles', 'services', 'trial.yaml'), text)
  return new ServiceFiles([join(folder, 'profiles')]).problems({
    own: {},
    establishments: new Set(['sender', 'receiver']),
    tableProblem: (name) => ({ found: false, message: `there is no profiles/tables/${name}.csv` }),
  })
}

/** Reads a region with service files beside it. */
function region(files: Readonly<Record<string, string>>, parts: Written = OFFERED): Promise<RegionReading> {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'profiles', 'services', `${name}.yaml`), text)
  }
  const routes = [{ name: 'all', when: {}, to: ['receiver/dpi', 'platform'] }]
  return readRegion(writeRegion(folder, regionText({ routes, ...parts })), {})
}
const said = ({ problems }: RegionReading) =>
  problems.map(({ severity, at, code, message }) => `${severity} ${at} ${code} ${message}`)
const compiled = ({ shared, read, problems }: RegionReading): Config => {
  if (shared === null) throw new Error(JSON.stringify(problems))
  return compileConfig(shared, 1, orNothing(read))
}

test('the service of these tests has nothing wrong', async () => {
  expect(said(await region({ trial: service() }))).toEqual([])
})

// Each case writes one line anew; what is said names the file and that line, unless it is of the whole file.
const ladder = (rungs: string, more = '') =>
  `ladders: [{ name: answer, title: { fr: a, en: b }, ${more} rungs: [${rungs}] }]`
const rung = (after: string, more = '') => `{ after: ${after}, tell: [duty-1], channels: [console], ${more} }`
const LAST = rung('1 h', 'every: 2 min')
const CENTRES = 'centres: { "*": [receiver] },'
const faults: [name: string, key: string, line: string | null, told: RegExp][] = [
  ['an unknown key', 'kind', 'kinds: stroke', /"kinds" is no setting here \(did you mean kind\?\)/],
  ['an unknown kind', 'kind', 'kind: telesurgery', /"telesurgery" is none of stroke, /],
  ['one language', 'title', 'title: { fr: Essai }', /en is missing/],
  ['a prefix of digits', 'prefix', 'prefix: "42"', /is not two to five capitals/],
  ['a pattern of kinds', 'opens', 'opens: ["ORM^*"]', /is not a kind/],
  ['nobody may ask', 'askers', 'askers: {}', /nobody may ask/],
  ['an asker that is none', 'askers', 'askers: { establishments: [nobody] }', /no establishment nobody/],
  ['a kind of establishment', 'askers', 'askers: { kinds: [clinic] }', /"clinic" is none of hospital/],
  ['a ladder that runs out', 'ladders', ladder(rung('0 s')), /the ladder would run out/],
  ['no rungs', 'ladders', ladder(''), /expected something, found an empty list/],
  ['rungs out of order', 'ladders', ladder(`${rung('2 h')}, ${LAST}`), /1 h is not after the rung before it/],
  ['a rung told again too early', 'ladders', ladder(`${rung('0 s', 'every: 1 min')}, ${LAST}`), /only the last rung/],
  ['an interval of nothing', 'ladders', ladder(rung('0 s', 'every: 0 s')), /"0 s" is not between 30 s and 7 d/],
  ['nobody told', 'ladders', ladder('{ after: 0 s, every: 1 min, tell: [], channels: [sms] }'), /found an empty list/],
  [
    'an unknown channel',
    'ladders',
    ladder('{ after: 0 s, every: 1 min, tell: [owner], channels: [fax] }'),
    /"fax" is none/,
  ],
  [
    'a number of letters',
    'ladders',
    ladder(rung('0 s', 'every: 1 min, number: quinze')),
    /a telephone number, or centre-15/,
  ],
  ['a centre that is none', 'ladders', ladder(LAST, 'centres: { "*": [nowhere] },'), /no establishment nowhere/],
  ['a site that is none', 'ladders', ladder(LAST, 'centres: { nowhere: [receiver] },'), /no establishment nowhere/],
  ['a centre twice', 'ladders', ladder(LAST, 'centres: { "*": [receiver, receiver] },'), /stands here twice/],
  ['no ladder answer', 'ladders', ladder(LAST).replace('answer', 'other'), /the ladder answer is missing/],
  ['a ladder twice', 'ladders', ladder(LAST).replace(/\[(.*)\]$/, '[$1, $1]'), /answer is already at \[0\]/],
  ['an unknown time', 'windows', LINES['windows']!.replace('onset', 'lunch'), /"lunch" is none of last-seen-well, /],
  ['a window without source', 'windows', LINES['windows']!.replace('source: a book, ', ''), /source is missing/],
  ['a window without date', 'windows', LINES['windows']!.replace(', date: 2026-11-26', ''), /date is missing/],
  ['a day that is none', 'windows', LINES['windows']!.replace('-11-26', '-02-30'), /2026-02-30 is no day/],
  ['a window never shown', 'windows', LINES['windows']!.replace('length', 'unless: [onset], length'), /never be shown/],
  ['a window of no length', 'windows', LINES['windows']!.replace('270 min', '0 s'), /is not between 1 min and 30 d/],
  ['a window twice', 'windows', LINES['windows']!.replace(/\[(\{.*\})\]$/, '[$1, $1]'), /w is already at \[0\]/],
  ['an unknown delay', 'delays', 'delays: { lunch: { after: 1 h, tell: [owner] } }', /"lunch" is not one of seen-not-/],
  [
    'no decision',
    'delays',
    'delays: { decision-not-recorded: { after: 1 h, tell: [owner] } }',
    /no decisions to record/,
  ],
  ['a fourth step', 'form', LINES['form']!.replace('type', 'step: 4, type'), /4 is not between 1 and 3/],
  ['an unknown type', 'form', LINES['form']!.replace('type: date', 'type: colour'), /"colour" is none of text, /],
  ['a choice of nothing', 'form', LINES['form']!.replace('date', 'choice'), /choices is missing/],
  [
    'choices of a date',
    'form',
    LINES['form']!.replace('date', 'date, choices: [{ id: a, fr: a, en: a }, { id: b, fr: b, en: b }]'),
    /does not go with date/,
  ],
  [
    'a choice twice',
    'form',
    LINES['form']!.replace('date', 'choice, choices: [{ id: a, fr: a, en: a }, { id: a, fr: b, en: b }]'),
    /a is already at \[0\]/,
  ],
  ['a field that every form has', 'form', LINES['form']!.replace('since', 'patient'), /every form asks patient/],
  ['a field twice', 'form', LINES['form']!.replace(/\[(\{.*\})\]$/, '[$1, $1]'), /since is already at \[0\]/],
  ['no report', 'reports', 'reports: []', /a report is missing/],
  [
    'two reports and no default',
    'reports',
    LINES['reports']!.replace(/\[(\{ id: r(.*))\]$/, '[$1, { id: s$2]'),
    /one report is the default, found 0/,
  ],
  [
    'a template that is no OID',
    'reports',
    LINES['reports']!.replace('id: r', 'id: r, template: tlm'),
    /"tlm" is not an OID/,
  ],
  ['an unknown table', 'any', 'any: [{ path: OBR-4, in: table:nothing }]', /there is no profiles\/tables\/nothing.csv/],
]

describe('a service file', () => {
  test.each(faults)('%s is told with its line', (_name, key, line, told) => {
    const [first] = problemsOf(service({ [key]: line }))
    expect(first).toContain(`profiles/services/trial.yaml line ${lineOf(key)}: `)
    expect(first).toMatch(told)
  })

  const missing: [key: string, told: RegExp][] = [
    ['kind', /line 1: kind is missing: stroke, /],
    ['title', /line 1: title is missing/],
    ['prefix', /line 1: prefix is missing/],
    ['code', /line 1: code is missing/],
    ['askers', /line 1: askers is missing/],
    ['opens', /line 1: opens is missing/],
    ['ladders', /line 1: ladders is missing/],
    ['reports', /line 1: reports is missing/],
    ['appointment', /line 1: appointment is missing/],
    ['any', /a service needs a condition/],
  ]
  test.each(missing)('without %s is told', (key, told) => {
    expect(problemsOf(service({ [key]: null }))[0]).toMatch(told)
  })

  test('tells everything at once, each with its line', async () => {
    const all = said(await region({ trial: service({ prefix: 'prefix: x', opens: 'opens: [x]', form: 'form: y' }) }))
    expect(all.map((one) => /line (\d+)/.exec(one)?.[1])).toEqual(['4', '7', '8'])
  })

  test('what only other kinds have is told', () => {
    const opinion = { kind: 'kind: tele-expertise' }
    expect(problemsOf(service(opinion))).toEqual([
      `profiles/services/trial.yaml line ${lineOf('appointment')}: appointment does not go with tele-expertise`,
      expect.stringContaining('line 1: delays.answer-due is missing'),
    ])
  })

  test('of a rule alone stays a rule: nothing is offered of it', async () => {
    const reading = await region({ trial: 'any: [{ path: OBR-4, in: [x] }]' }, {})
    expect(said(reading)).toEqual([])
    expect(compiled(reading).services.get('trial')).toEqual({
      any: [{ path: 'OBR-4', in: ['x'] }],
      all: [],
      none: [],
    })
    expect(compiled(reading).careServices).toEqual(new Map())
  })
})

describe('what the region says of a service', () => {
  const offered = (offer: object) => ({ telemedicine: { services: { trial: offer } } })
  const short = [{ after: '0 s', tell: ['duty-1'], channels: ['sms'] }]
  const offers: [name: string, offer: object, told: string][] = [
    ['a ladder it has not', { ladders: { more: {} } }, 'ladders.more UNKNOWN_KEY the service has no ladder more'],
    ['a window it has not', { windows: { z: 'off' } }, 'windows.z UNKNOWN_KEY the service has no window z'],
    ['a window halfway', { windows: { w: 'half' } }, 'windows.w BAD_VALUE "half" is none of on, off'],
    [
      'a delay it has not',
      { delays: { 'images-absent': '1 min' } },
      'delays.images-absent UNKNOWN_KEY the service has no delay images-absent',
    ],
    [
      'a delay of a second',
      { delays: { 'advice-not-opened': '1 s' } },
      'delays.advice-not-opened OUT_OF_BOUNDS "1 s" is not between 10 s and 90 d',
    ],
    [
      'rungs that run out',
      { ladders: { answer: { rungs: short } } },
      'ladders.answer.rungs[0] BAD_LADDER the last rung has no every: the ladder would run out, and nobody be told any more',
    ],
    [
      'a centre that is none',
      { ladders: { answer: { centres: { sender: ['x'] } } } },
      'ladders.answer.centres.sender[0] UNKNOWN_ESTABLISHMENT there is no establishment x',
    ],
    ['nobody who may ask', { askers: {} }, 'askers MISSING nobody may ask'],
    ['a link for everybody', { joinUrl: 'https://v.test/' }, 'joinUrl BAD_URL a link without {token} lets anybody in'],
  ]
  const url = 'https://far.test/'
  const channels: [at: string, setting: object, told: string][] = [
    ['joinUrl', { joinUrl: 'visio/{token}' }, 'BAD_URL this is no http or https address'],
    ['coordination', { coordination: 'x' }, 'UNKNOWN_ESTABLISHMENT there is no establishment x'],
    ['centre15.Mayenne', { centre15: { Mayenne: '15' } }, 'BAD_VALUE "Mayenne" is not a department in quotes, or "*"'],
    ['consoleUrl', { consoleUrl: 'http://p.test' }, 'BAD_URL people open it with a password in hand'],
    [
      'voice.url',
      { voice: { url: 'http://far.test/', body: '{to}{text}' } },
      'PLAIN_DESTINATION plain http to far.test',
    ],
    [
      'sms.body',
      { sms: { url, body: '{to}{text}', bearer: 'abcdefgh', reports: { secret: { env: 'NOT_SET' } } } },
      'BAD_VALUE the body lacks {id}',
    ],
    ['sms.bearer', {}, 'SECRET_INLINE a secret is named'],
    ['sms.reports.secret', {}, 'FILE_MISSING environment variable NOT_SET is not there'],
    [
      'webhooks[0].services[0]',
      { webhooks: [{ name: 'w', url, secret: { file: 'key' }, services: ['x'] }] },
      'UNKNOWN_SERVICE there is no service x',
    ],
    ['services.none', {}, 'UNKNOWN_SERVICE there is no service none'],
    ['services.rule', {}, 'BAD_SERVICE rule is a rule alone'],
  ]
  test('is refused where it makes no sense, everything at once', async () => {
    const name = (i: number) => `trial-${i}`
    const files = offers.map((_one, i) => [name(i), service({ prefix: `prefix: A${String.fromCharCode(65 + i)}` })])
    writeFileSync(join(folder, 'key'), 'a-key-of-ours')
    const parts = {
      services: { rule: { any: [{ path: 'OBR-4', in: ['x'] }] } },
      telemedicine: {
        ...Object.assign({}, ...channels.map(([, setting]) => setting)),
        services: { none: {}, rule: {}, ...Object.fromEntries(offers.map(([, offer], i) => [name(i), offer])) },
      },
    }
    const all = said(await region(Object.fromEntries(files), parts))
    const wanted = [
      ...offers.map(([, , told], i) => `error telemedicine.services.${name(i)}.${told}`),
      ...channels.map(([at, , told]) => `error telemedicine.${at} ${told}`),
    ]
    expect(wanted.filter((told) => !all.some((one) => one.startsWith(told)))).toEqual([])
    expect(all).toHaveLength(wanted.length)
  })

  test('somebody who may ask and has no centre is told, at the place where the centre would stand', async () => {
    const alone = service({ ladders: ladder(LAST, 'centres: { sender: [receiver] },') })
    expect(said(await region({ trial: alone }))).toEqual([
      'error telemedicine.services.trial.ladders.answer.centres NO_CENTRE receiver may ask, and no centre answers it',
    ])
  })

  const ways: [name: string, when: object, told: string[]][] = [
    ['of everything', {}, []],
    ['of its kind', { kinds: ['ORM^*'] }, []],
    ['of itself', { kinds: ['ORM^O01'], service: 'trial' }, []],
    ['of one of those who ask', { from: ['sender'] }, ['receiver']],
    ['of another kind', { kinds: ['ADT^*'] }, ['sender, receiver']],
    ['of another service', { service: 'stroke' }, ['sender, receiver']],
  ]
  test.each(ways)('a route to the platform %s: who would open no case is told', async (_name, when, without) => {
    const routes = [{ name: 'way', when, to: ['platform'] }]
    expect(said(await region({ trial: service() }, { ...OFFERED, routes }))).toEqual(
      without.map(
        (sites) =>
          `warning telemedicine.services.trial NO_ROUTE no route takes requests of ${sites} to platform: only the form opens a case`,
      ),
    )
  })

  test('a centre that rungs tell by its own system, and that names none', async () => {
    const bySystem = service({ ladders: ladder(LAST.replace('[console]', '[console, system]'), CENTRES) })
    const told = said(await region({ trial: bySystem }))
    expect(told).toEqual([
      'warning telemedicine.services.trial NO_SYSTEM receiver: without casesTo the channel system tells nothing there',
    ])
  })

  test('two services with one prefix', async () => {
    const both = { telemedicine: { services: { trial: {}, other: {} } } }
    expect(said(await region({ trial: service(), other: service() }, both))).toEqual([
      'error telemedicine.services.other NAME_TWICE ESS is the prefix of trial too',
    ])
  })

  test('holds over its file: rows by site, windows and delays off, other rungs', async () => {
    const rungs = [{ after: '1 min', every: '5 min', tell: ['everybody'], channels: ['voice'], number: 'centre-15' }]
    const offer = {
      askers: { establishments: ['sender'] },
      ladders: { answer: { centres: { sender: ['receiver', 'sender'] }, rungs } },
      windows: { w: 'off' },
      delays: { 'advice-not-opened': '9 min' },
      joinUrl: 'https://visio.test/{token}',
      kept: '10 d',
    }
    const care = compiled(await region({ trial: service() }, offered(offer))).careServices!.get('trial')!
    expect(care).toMatchObject({
      name: 'trial',
      kind: 'teleconsultation',
      consent: 'required',
      askers: { kinds: [], establishments: ['sender'] },
      windows: [{ id: 'w', lengthMs: 270 * 60_000, off: true, unless: [] }],
      delays: [{ name: 'advice-not-opened', afterMs: 540_000, tell: ['owner'], nextMs: 120_000 }],
      appointment: { lengthMs: 1_800_000, reminderMs: [3_600_000] },
      reports: [{ id: 'r', template: null, default: true }],
      joinUrl: 'https://visio.test/{token}',
      reportAtFinish: false,
      keptMs: 864_000_000,
      joinMs: 86_400_000,
    })
    expect(care.ladders).toEqual([
      {
        name: 'answer',
        title: { fr: 'a', en: 'b' },
        centres: [
          { site: '*', centres: ['receiver'] },
          { site: 'sender', centres: ['receiver', 'sender'] },
        ],
        rungs: [{ afterMs: 60_000, everyMs: 300_000, tell: ['everybody'], channels: ['voice'], number: 'centre-15' }],
      },
    ])
    const off = compiled(await region({ trial: service() }, offered({ delays: { 'advice-not-opened': 'off' } })))
    expect(off.careServices!.get('trial')!.delays).toEqual([])
  })

  test('a rule of region.yaml replaces the rule alone, a whole service all of it', async () => {
    const rule = { any: [{ path: 'OBR-31', in: ['y'] }] }
    const one = compiled(await region({ trial: service() }, { ...OFFERED, services: { trial: rule } }))
    expect([one.services.get('trial')!.any, one.careServices!.get('trial')!.prefix]).toEqual([rule.any, 'ESS'])
    const trial: unknown = parse(service({ prefix: 'prefix: NEU' }))
    const whole = compiled(await region({ trial: 'any: broken' }, { ...OFFERED, services: { trial } }))
    expect(whole.careServices!.get('trial')!.prefix).toBe('NEU')
  })

  test('channels are compiled with their secrets; the Centre 15 is that of the department', async () => {
    writeFileSync(join(folder, 'key'), 'a-key-of-ours\n')
    const key = { file: 'key' }
    const body = '{"to":"{to}","text":"{text}","ref":"{id}"}'
    const telemedicine = {
      consoleUrl: 'https://console.test/',
      centre15: { '53': '02 61 91 00 53' },
      sms: { url: 'https://sms.test/send', body, bearer: key, reports: { secret: key, id: 'ref' } },
      webhooks: [{ name: 'w', url: 'https://w.test/', secret: key, establishments: ['sender'] }],
    }
    const found = compiled(await region({}, { telemedicine })).telemedicine!
    expect(found).toMatchObject({
      consoleUrl: 'https://console.test',
      voice: null,
      coordination: null,
      sms: {
        bearer: 'a-key-of-ours',
        timeoutMs: 5_000,
        reports: { secret: 'a-key-of-ours', id: 'ref', status: 'status', delivered: ['delivered', 'answered'] },
      },
      webhooks: [{ type: 'webhook', name: 'w', secret: 'a-key-of-ours', services: null, establishments: ['sender'] }],
    })
    expect(centre15Of(found, '530000371')).toBe('02 61 91 00 53')
    expect(centre15Of(found, '440000289')).toBe('15')
    expect(centre15Of({ ...NO_TELEMEDICINE, centre15: { '*': '112' } }, null)).toBe('112')
  })

  test('said of a stored configuration, the same faults are found', async () => {
    const { shared } = await region({ trial: service() })
    const value = JSON.parse(shared!) as { telemedicine: object; services: Record<string, { ladders: unknown[] }> }
    expect(sharedProblems(canonical(value))).toEqual([])
    value.telemedicine = { services: { trial: { windows: { z: 'off' } }, gone: {} } }
    delete (value.services['trial']!.ladders[0] as { rungs: { every?: string }[] }).rungs[0]!.every
    expect(
      sharedProblems(canonical(value))
        .map(({ at, code }) => `${at} ${code}`)
        .sort(),
    ).toEqual([
      'services.trial.ladders[0].rungs[0] BAD_LADDER',
      'telemedicine.services.gone UNKNOWN_SERVICE',
      'telemedicine.services.trial.windows.z UNKNOWN_KEY',
    ])
    expect(() => compileConfig(canonical(value), 1, () => '')).toThrow(/its ladder answer would run out|no service/)
  })
})

describe('a plan', () => {
  const shared = async (text: string, parts: Written = OFFERED) => (await region({ trial: text }, parts)).shared!
  const lines = async (before: string, after: string) =>
    planOf({ revision: 1, json: before }, after, { destinations: new Map() })
      // Tables that go with any service are no matter here.
      .changes.filter(({ part }) => part !== 'map')
      .map(({ part, name, what, settings }) =>
        `${what} ${part} ${name} ${settings.map(({ at, from, to }) => `${at} ${from}>${to}`).join(', ')}`.trim(),
      )

  test('tells each setting of a service where it is, and the effect, wherever it was written', async () => {
    const before = await shared(service())
    const file = await shared(service({ windows: LINES['windows']!.replace('source', 'off: true, source') }))
    const said = await shared(service(), { telemedicine: { services: { trial: { windows: { w: 'off' } } } } })
    expect(await lines(before, file)).toEqual(['changed service trial windows.w.off false>true'])
    expect(await lines(before, said)).toEqual(['changed service trial windows.w.off false>true'])
    expect(await lines(file, said)).toEqual([])
    const row = { ladders: { answer: { centres: { sender: ['receiver'] } } } }
    expect(await lines(before, await shared(service(), { telemedicine: { services: { trial: row } } }))).toEqual([
      'changed service trial ladders.answer.centres.sender null>["receiver"]',
    ])
  })

  test('tells that a service is offered or no more, and channels apart from it', async () => {
    const before = await shared(service())
    const none = await shared(service(), {})
    expect(await lines(before, none)).toEqual(['changed service trial offered true>false'])
    const number = { telemedicine: { services: { trial: {} }, coordinationNumber: '15' } }
    expect(await lines(before, await shared(service(), number))).toEqual([
      'changed telemedicine telemedicine coordinationNumber null>"15"',
    ])
  })
})

test('every shipped service is offered by the demo region, and says it in both languages', async () => {
  const reading = await readRegion(
    fileURLToPath(new URL('../../region.yaml', import.meta.url)),
    {},
    { missingMaterial: 'warning' },
  )
  const { careServices, establishments } = compiled(reading)
  const files = readdirSync(SHIPPED).map((file) => file.replace('.yaml', ''))
  expect([...careServices!.keys()].sort()).toEqual(files.sort())
  for (const { askers, ladders, form, kind } of careServices!.values()) {
    const sites = [...establishments.values()].filter(({ kind: one }) => askers.kinds.includes(one))
    expect(sites.length).toBeGreaterThan(0)
    expect(ladders[0]!.rungs[0]!.afterMs).toBe(0)
    if (kind === 'teleconsultation') expect([...new Set(form.map(({ step }) => step))]).toEqual([1, 2, 3])
  }
  expect(readFileSync(join(SHIPPED, 'stroke.yaml'), 'utf8')).not.toMatch(/éligible|recommand/i)
})
