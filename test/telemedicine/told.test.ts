import { describe, expect, onTestFinished, test } from 'vitest'
import type { Case, CaseRequest, Happening, Notice } from '../../src/core/cases.ts'
import { COORDINATION, type Duty } from '../../src/core/duty.ts'
import { type Channel, NO_TELEMEDICINE, type Told } from '../../src/core/services.ts'
import { saveRows } from '../../src/telemedicine/duty/rows.ts'
import type { NoticeAround } from '../../src/telemedicine/notices/people.ts'
import { noticeNames } from '../../src/telemedicine/notices/projection.ts'
import { noticesOf } from '../../src/telemedicine/notices/rows.ts'
import { type NoticeFacts, noticeText } from '../../src/telemedicine/notices/text.ts'
import { openStore } from '../support/stores.ts'
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
interface How {
  readonly on?: Duty[]
  readonly ladder?: string
  readonly shown?: Case
  readonly centre?: string | null
}
const one = (told: Told, channel: Channel, establishment: string | null): Notice => ({
  ...{ id: `${told} ${channel} ${establishment}`, told, channel, establishment, name: '' },
})
const rung = (notices: readonly Notice[], ladder = 'answer') =>
  ({ what: 'rung', ladder, rung: 0, centre: 'chu-nantes', notices }) as const
const rows = (act: Happening['act'], given = around(), shown = someCase()) =>
  noticesOf(shown, shown, [happening(2, act)], given).map(({ parameters }) => {
    const [, , , , , , told, channel, establishment, target, , , state, code] = parameters
    return [told, channel, establishment, target, state, code].map((value) => value ?? '-').join(' ')
  })
/** The number that one word means at the centre of Nantes, or another. */
const tell = (told: Told, { on = ALL, ladder = 'answer', shown = someCase(), centre = 'chu-nantes' }: How) =>
  noticesOf(shown, shown, [happening(2, rung([one(told, 'voice', centre)], ladder))], around(on)).map(
    ({ parameters }) => parameters[9],
  )

describe('who is told', () => {
  const owner = (name: string, more = {}): How => ({
    shown: someCase({
      owner: {
        establishment: 'chu-nantes',
        expert: { name, rpps: null, establishment: 'chu-nantes', role: 'expert', phone: '0261 91 00 55', ...more },
        atMs: OPENED,
      },
    }),
  })
  const asked = (more: Partial<CaseRequest>): How => ({
    shown: someCase({ requests: [{ ...someCase().requests[0]!, ...more }] }),
  })
  test.each<[string, Told, How, (string | null)[]]>([
    ['the first on duty', 'duty-1', {}, [numberOf('chu-nantes', 1)]],
    ['the second', 'duty-2', {}, [numberOf('chu-nantes', 2)]],
    ['of another centre', 'next-centre', { centre: 'chu-angers' }, [numberOf('chu-angers', 1)]],
    ['a place without anybody: seen by people', 'duty-2', { centre: 'chu-angers' }, [null]],
    ['nobody at all: seen by people', 'duty-1', { on: [] }, [null]],
    [
      'the rota of another ladder',
      'duty-1',
      { ladder: 'interventional' },
      [numberOf('chu-nantes', 1, 'stroke.interventional')],
    ],
    ['another ladder without a rota', 'duty-2', { ladder: 'interventional' }, [null]],
    ['the coordination', 'coordination', { centre: null }, [numberOf('', 0, COORDINATION)]],
    ['the requester, by the call-back number', 'requester', { centre: 'ch-chateaubriant' }, ['0261910077']],
    ['the requester without a number has screens', 'requester', asked({ callBack: 'poste 12' }), []],
    [
      'the requester whose request stands, when another was taken back',
      'requester',
      {
        shown: someCase({
          requests: [someCase().requests[0]!, { ...someCase().requests[0]!, callBack: '0261910099', takenBack: true }],
        }),
      },
      ['0261910077'],
    ],
    ['the imaging of the site has screens', 'imaging', {}, []],
    ['the owner, who is on duty as the second', 'owner', owner('Dr chu-nantes 2'), [numberOf('chu-nantes', 2)]],
    ['who came after the owner', 'owner', owner('Dr gone home'), [numberOf('chu-nantes', 1)]],
    ['the owner off duty, when nobody came after', 'owner', { ...owner('Dr gone home'), on: [] }, ['0261910055']],
    ['an owner without a number: seen by people', 'owner', { ...owner('Dr x', { phone: null }), on: [] }, [null]],
  ])('%s', (_name, told, how, numbers) => expect(tell(told, how)).toEqual(numbers))

  test('the number of the coordination, where nobody of it is on duty', () => {
    const given = around([], { telemedicine: { ...ON_CALL, coordinationNumber: '02 61 91 00 10' } })
    const late = { what: 'late', delay: 'images-absent', step: 1, notices: [one('coordination', 'sms', null)] } as const
    expect(rows(late, given)).toEqual(['coordination sms - 0261910010 waiting -'])
  })

  test('names for people are those on duty', async () => {
    const { journal, end } = await openStore()
    onTestFinished(end)
    await journal.adopt('test', 0, '{}')
    const [first] = ALL
    await journal.apply({
      rows: saveRows(
        {
          ...first!,
          duties: [{ ...first!, fromMs: OPENED, untilMs: OPENED + 9 }],
          fromMs: OPENED,
          untilMs: OPENED + 9,
        },
        [],
        () => 'd1',
      ),
    })
    const name = noticeNames(journal)
    const about = { service: stroke, nowMs: OPENED, ladder: 'answer' }
    expect(await name(one('duty-1', 'sms', 'chu-nantes'), about)).toBe('Dr chu-nantes 1')
    expect(await name(one('duty-1', 'sms', 'chu-nantes'), { ...about, ladder: 'interventional' })).toBeNull()
    expect(await name(one('duty-1', 'sms', 'chu-nantes'), { ...about, nowMs: OPENED + 9 })).toBeNull()
    expect(await name(one('requester', 'sms', 'chu-nantes'), about)).toBeNull()
  })
})

describe('the rows of a rung', () => {
  const channels = ['console', 'sms', 'voice', 'webhook', 'system'] as const
  const all = channels.map((channel) => one('duty-1', channel, 'chu-nantes'))
  test('one for each channel that the region has; the system of a centre is told by a delivery', () => {
    expect(rows(rung(all))).toEqual([
      'duty-1 console chu-nantes - sent -',
      'duty-1 sms chu-nantes 0639980001 waiting -',
      `duty-1 voice chu-nantes ${numberOf('chu-nantes', 1)} waiting -`,
    ])
    expect(rows(rung(all), around(ALL, { telemedicine: NO_TELEMEDICINE }))).toEqual([
      'duty-1 console chu-nantes - sent -',
    ])
  })

  test('where no number is known it has failed at once', () => {
    expect(rows(rung(all), around([]))).toEqual([
      'duty-1 console chu-nantes - sent -',
      'duty-1 sms chu-nantes - failed NOTICE_NO_NUMBER',
      'duty-1 voice chu-nantes - failed NOTICE_NO_NUMBER',
    ])
  })

  test('one number is told once, a webhook once and only of what concerns it', () => {
    const same = ALL.map((duty) => ({ ...duty, phone: '0261910001', mobile: null }))
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
    const told = [
      one('duty-1', 'voice', 'chu-nantes'),
      one('duty-1', 'webhook', 'chu-nantes'),
      one('next-centre', 'voice', 'chu-angers'),
      one('next-centre', 'webhook', 'chu-angers'),
    ]
    expect(rows(rung(told), given)).toEqual([
      'duty-1 voice chu-nantes 0261910001 waiting -',
      'duty-1 webhook chu-nantes all waiting -',
      'duty-1 webhook chu-nantes angers waiting -',
    ])
    const ids = noticesOf(null, someCase(), [happening(1, rung(told))], given).map(({ parameters }) => parameters[0])
    expect(new Set(ids).size).toBe(3)
  })
})

describe('what is dropped', () => {
  const expert = happening(2, { what: 'accept' }).by
  const owner = { establishment: 'chu-nantes', expert, atMs: OPENED + 5 }
  const ended = someCase({ climbs: [{ ...CLIMB, endedAtMs: OPENED + 5 }], state: 'accepted', owner })
  const drops = (before: Case | null, after: Case, ...acts: Parameters<typeof happening>[1][]) =>
    noticesOf(
      before,
      after,
      acts.map((act, i) => happening(i + 2, act)),
      around(),
    ).map(({ sql, parameters }) => [sql.slice(sql.indexOf("'waiting'") + 14), ...parameters.slice(2)])
  const refusal = someCase({ climbs: [{ ...CLIMB, refused: ['chu-nantes'], at: 1 }] })
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
    [
      'an acceptance beside the ladder that answers leaves it waiting',
      someCase(),
      someCase(),
      [{ what: 'accept' }],
      [],
    ],
    [
      'a centre that refused is left in peace',
      someCase(),
      refusal,
      [{ what: 'refuse', reason: '' }],
      [["why = 'rung' AND ladder = ? AND establishment = ?", 'answer', 'chu-nantes']],
    ],
    ['it had refused before', refusal, refusal, [], []],
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
      ...{ phone: null, starts: null },
    },
  }
  const phone = { name: 'Centre 15', number: '02 61 91 00 15' }
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
      'EXERCICE. Télé-AVC AVC-260105-0001, CH de Châteaubriant : demande toujours sans réponse. Centre 15 : 02 61 91 00 15',
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
    [
      // The night of the change of hour.
      { why: 'reminder', rung: null, starts: { atMs: Date.UTC(2026, 9, 24, 22, 30), timeZone: 'Europe/Paris' } },
      'fr',
      'voice',
      'Télé-AVC AVC-260105-0001, CH de Châteaubriant : rappel du rendez-vous du 25/10 à 00:30',
    ],
    [
      { why: 'reminder', rung: null, starts: { atMs: Date.UTC(2026, 9, 25, 8), timeZone: 'Europe/Paris' } },
      'en',
      'voice',
      'Télé-AVC AVC-260105-0001, CH de Châteaubriant: reminder of the appointment on 25/10 at 09:00',
    ],
    [{ site: 'CH\r\nde X' }, 'en', 'voice', 'Télé-AVC AVC-260105-0001, CH de X: new request, to be opened'],
  ])('%j, %s, by %s', (more, language, channel, text) => {
    expect(noticeText({ ...facts, ...more }, language, channel)).toBe(text)
  })
  test('a text is never longer than two short messages', () => {
    expect(noticeText({ ...facts, site: 'x'.repeat(500) }, 'fr', 'sms')).toHaveLength(300)
  })
})
