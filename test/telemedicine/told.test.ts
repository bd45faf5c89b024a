import { describe, expect, test } from 'vitest'
import type { Case, Climb } from '../../src/core/cases.ts'
import { COORDINATION, type Duty } from '../../src/core/duty.ts'
import type { Told } from '../../src/core/services.ts'
import type { NoticeAround } from '../../src/telemedicine/notices/people.ts'
import { noticesOf } from '../../src/telemedicine/notices/rows.ts'
import { type NoticeFacts, noticeText } from '../../src/telemedicine/notices/text.ts'
import { delayNotices, rungAt, rungNotices } from '../../src/telemedicine/notices/told.ts'
import { CLIMB, careConfig, happening, ON_CALL, OPENED, onCall, someCase, stroke } from './care.ts'

const ALL: Duty[] = [
  onCall('chu-nantes', 1, 'stroke', { mobile: '0639980001' }),
  onCall('chu-nantes', 2),
  onCall('chu-angers', 1),
  onCall('chu-nantes', 1, 'stroke.interventional'),
  onCall('', 0, COORDINATION),
]
const around = (on = ALL, more = {}): NoticeAround => {
  let made = 0
  return { config: careConfig(more), on, newId: () => `n${(made += 1)}` }
}
const numberOf = (centre: string, place: number, service = 'stroke') =>
  ALL.find((one) => one.centre === centre && one.place === place && one.service === service)!.phone
const tell = (
  told: Told,
  { on = ALL, climb = CLIMB as Climb | null, shown = someCase(), channel = 'voice' as const } = {},
) => {
  const given = around(on)
  const rung = { afterMs: 0, everyMs: null, tell: [told], channels: [channel], number: null }
  const notices = rungNotices(shown, climb ?? CLIMB, rung, given)
  const act = { what: 'rung' as const, ladder: climb?.ladder ?? 'answer', rung: 0, centre: 'chu-nantes', notices }
  return noticesOf(shown, shown, [happening(2, act)], given).map(({ parameters }) => {
    const [, , , , , , whom, , establishment, target] = parameters
    return [whom, establishment, target]
  })
}

describe('who is told', () => {
  const refused: Climb = { ...CLIMB, refused: ['chu-nantes'], at: 1 }
  const owner = (name: string, more = {}): Case['owner'] => ({
    establishment: 'chu-nantes',
    expert: { name, rpps: null, establishment: 'chu-nantes', role: 'expert', phone: '0261 99 00 55', ...more },
    atMs: OPENED,
  })
  test.each<[string, Told, Parameters<typeof tell>[1], unknown[]]>([
    [
      'the first on duty at the centre that is asked',
      'duty-1',
      {},
      [['duty-1', 'chu-nantes', numberOf('chu-nantes', 1)]],
    ],
    [
      'of the next after a refusal',
      'duty-1',
      { climb: refused },
      [['duty-1', 'chu-angers', numberOf('chu-angers', 1)]],
    ],
    ['the second', 'duty-2', {}, [['duty-2', 'chu-nantes', numberOf('chu-nantes', 2)]]],
    ['the second where there is none: seen by people', 'duty-2', { climb: refused }, [['duty-2', 'chu-angers', null]]],
    ['nobody on duty: seen by people', 'duty-1', { on: [] }, [['duty-1', 'chu-nantes', null]]],
    ['the next centre', 'next-centre', {}, [['next-centre', 'chu-angers', numberOf('chu-angers', 1)]]],
    ['no next centre after the last', 'next-centre', { climb: refused }, []],
    ['a centre that refused is not the next', 'next-centre', { climb: { ...CLIMB, refused: ['chu-angers'] } }, []],
    [
      'the rota of another ladder',
      'duty-1',
      { climb: { ...CLIMB, ladder: 'interventional', centres: ['chu-nantes'] } },
      [['duty-1', 'chu-nantes', numberOf('chu-nantes', 1, 'stroke.interventional')]],
    ],
    ['the coordination', 'coordination', {}, [['coordination', 'coordination-test', numberOf('', 0, COORDINATION)]]],
    ['the requester, by the call-back number', 'requester', {}, [['requester', 'ch-chateaubriant', '0261990077']]],
    [
      'the requester without a number has screens',
      'requester',
      { shown: someCase({ requests: [{ ...someCase().requests[0]!, callBack: 'poste 12' }] }) },
      [],
    ],
    ['the imaging of the site has screens', 'imaging', {}, []],
    [
      'the owner, who is on duty as the second',
      'owner',
      { shown: someCase({ owner: owner('Dr chu-nantes 2') }) },
      [['owner', 'chu-nantes', numberOf('chu-nantes', 2)]],
    ],
    [
      'who came after the owner',
      'owner',
      { shown: someCase({ owner: owner('Dr gone home') }) },
      [['owner', 'chu-nantes', numberOf('chu-nantes', 1)]],
    ],
    [
      'the owner off duty, when nobody came after',
      'owner',
      { on: [], shown: someCase({ owner: owner('Dr gone home') }) },
      [['owner', 'chu-nantes', '0261990055']],
    ],
    [
      'everybody: each centre that has not refused, the coordination, the requester',
      'everybody',
      {},
      [
        ['duty-1', 'chu-nantes', numberOf('chu-nantes', 1)],
        ['duty-2', 'chu-nantes', numberOf('chu-nantes', 2)],
        ['duty-1', 'chu-angers', numberOf('chu-angers', 1)],
        ['coordination', 'coordination-test', numberOf('', 0, COORDINATION)],
        ['requester', 'ch-chateaubriant', '0261990077'],
      ],
    ],
  ])('%s', (_name, told, how, rows) => expect(tell(told, how)).toEqual(rows))

  test('the number of the coordination, where nobody of it is on duty', () => {
    const given = around([], { telemedicine: { ...ON_CALL, coordinationNumber: '02 61 91 00 10' } })
    const notices = delayNotices(someCase(), stroke.delays[0]!, 1, given)
    const [, sms] = noticesOf(null, someCase(), [happening(3, late(notices))], given)
    expect([sms?.parameters[3], sms?.parameters[9]]).toEqual(['accepted-without-advice', '0261910010'])
  })
})

const late = (notices: ReturnType<typeof delayNotices>) =>
  ({ what: 'late', delay: 'accepted-without-advice', step: 0, notices }) as const

describe('the notices of a rung', () => {
  test('by every channel that the region has, the system of a centre by a delivery', () => {
    const rung = stroke.ladders[0]!.rungs[0]!
    const channels = (more = {}) =>
      rungNotices(someCase(), CLIMB, rung, around(ALL, more)).map(({ channel }) => channel)
    expect(channels()).toEqual(['console', 'sms', 'voice', 'system'])
    expect(channels({ telemedicine: { ...ON_CALL, voice: null, sms: null } })).toEqual(['console', 'system'])
    const given = around()
    const act = {
      what: 'rung',
      ladder: 'answer',
      rung: 0,
      centre: 'chu-nantes',
      notices: rungNotices(someCase(), CLIMB, rung, given),
    } as const
    const rows = noticesOf(null, someCase(), [happening(1, act)], given)
    expect(rows.map(({ parameters }) => [parameters[7], parameters[9], parameters[12]])).toEqual([
      ['console', null, 'sent'],
      ['sms', '0639980001', 'waiting'],
      ['voice', numberOf('chu-nantes', 1), 'waiting'],
    ])
  })

  test('one number is told once, a webhook once and only of what concerns it', () => {
    const same = ALL.map((one) => ({ ...one, phone: '0261990001', mobile: null }))
    const hook = (name: string, services: string[] | null, establishments: string[] | null) =>
      ({
        type: 'webhook',
        url: 'https://hook.test',
        secret: 's',
        allowPrivate: false,
        name,
        services,
        establishments,
      }) as const
    const webhooks = [hook('all', null, null), hook('other', ['wounds'], null), hook('angers', null, ['chu-angers'])]
    const given = around(same, { telemedicine: { ...ON_CALL, webhooks } })
    const rung = {
      afterMs: 0,
      everyMs: null,
      tell: ['duty-1', 'duty-2', 'next-centre'],
      channels: ['voice', 'webhook'],
      number: null,
    } as const
    const notices = rungNotices(someCase(), CLIMB, rung, given)
    expect(notices.map(({ channel, told, name }) => [channel, told, name])).toEqual([
      ['voice', 'duty-1', 'Dr chu-nantes 1'],
      ['webhook', 'duty-1', 'all'],
      ['webhook', 'duty-1', 'angers'],
    ])
  })

  test('the last rung is told again without end', () => {
    const [ladder] = stroke.ladders
    expect([0, 4, 5, 400].map((climbed) => rungAt(ladder!, climbed)?.tell)).toEqual([
      ['duty-1'],
      ['everybody'],
      ['everybody'],
      ['everybody'],
    ])
  })
})

describe('what is dropped', () => {
  const ended = someCase({ climbs: [{ ...CLIMB, endedAtMs: OPENED + 5 }], state: 'accepted' })
  const drops = (before: Case | null, after: Case, ...acts: Parameters<typeof happening>[1][]) =>
    noticesOf(
      before,
      after,
      acts.map((act, i) => happening(i + 2, act)),
      around(),
    ).map(({ sql, parameters }) => [sql.slice(sql.indexOf("'waiting'") + 14), ...parameters.slice(2)])
  const again = someCase({ climbs: [ended.climbs[0]!, CLIMB] })
  test.each<[string, Case | null, Case, Parameters<typeof happening>[1][], unknown[]]>([
    [
      'an acceptance ends the ladder',
      someCase(),
      ended,
      [{ what: 'accept' }],
      [
        ["why = 'rung' AND ladder = ?", 'answer'],
        ['why IN (?, ?)', 'seen-not-accepted', 'request-undelivered'],
      ],
    ],
    ['it was over before', ended, ended, [{ what: 'write', text: '' }], []],
    ['a ladder that was begun anew goes on', someCase(), again, [], []],
    [
      'the advice ends what waited for it',
      ended,
      ended,
      [{ what: 'advise', text: '', coded: [] }],
      [['why IN (?, ?)', 'accepted-without-advice', 'answer-due']],
    ],
    [
      'the end of a case ends everything',
      ended,
      { ...ended, state: 'cancelled' },
      [{ what: 'cancel', reason: '' }],
      [['1 = 1']],
    ],
  ])('%s', (_name, before, after, acts, dropped) => expect(drops(before, after, ...acts)).toEqual(dropped))
})

describe('what is said', () => {
  const facts: NoticeFacts = {
    ...{ why: 'rung', told: 'duty-1', rung: 0, drill: false, test: false, service: 'Télé-AVC' },
    ...{
      numbers: ['AVC-260105-0001'],
      site: 'CH de Châteaubriant',
      link: 'https://console.test/dossiers/1',
      phone: null,
    },
  }
  const phone = { name: 'Centre 15', number: '02 40 99 00 15' }
  test.each<[Partial<NoticeFacts>, 'fr' | 'en', 'sms' | 'voice', string]>([
    [
      {},
      'fr',
      'sms',
      'Télé-AVC AVC-260105-0001, CH de Châteaubriant : nouvelle demande, à ouvrir. https://console.test/dossiers/1',
    ],
    [{}, 'fr', 'voice', 'Télé-AVC AVC-260105-0001, CH de Châteaubriant : nouvelle demande, à ouvrir'],
    [{ rung: 1 }, 'en', 'voice', 'Télé-AVC AVC-260105-0001, CH de Châteaubriant: request still without an answer'],
    [
      { drill: true, test: true, rung: 5, phone },
      'fr',
      'voice',
      'EXERCICE. Télé-AVC AVC-260105-0001, CH de Châteaubriant : demande toujours sans réponse. Centre 15 : 02 40 99 00 15',
    ],
    [
      { told: 'requester', rung: 3 },
      'fr',
      'voice',
      'Télé-AVC AVC-260105-0001, CH de Châteaubriant : votre demande est toujours sans réponse, un autre centre est alerté',
    ],
    [
      { why: 'images-absent', rung: null, test: true },
      'fr',
      'voice',
      'Test. Télé-AVC AVC-260105-0001, CH de Châteaubriant : Images demandées, pas encore reçues',
    ],
    [
      { why: 'duty-test', numbers: [], test: true },
      'fr',
      'voice',
      "Télé-AVC, CH de Châteaubriant : essai de début de garde, rien d'autre à faire",
    ],
    [
      { why: 'hand-over', numbers: ['A-1', 'A-2'] },
      'fr',
      'voice',
      'Télé-AVC A-1 A-2, CH de Châteaubriant : relève, 2 dossier(s) en cours',
    ],
    [{ site: 'CH\r\nde X' }, 'en', 'voice', 'Télé-AVC AVC-260105-0001, CH de X: new request, to be opened'],
  ])('%j, %s, by %s', (more, language, channel, text) => {
    expect(noticeText({ ...facts, ...more }, language, channel)).toBe(text)
  })
  test('a text is never longer than two short messages', () => {
    expect(noticeText({ ...facts, site: 'x'.repeat(500) }, 'fr', 'sms')).toHaveLength(300)
  })
})
