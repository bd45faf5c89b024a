/** Scope of those who are bound to one unit of their establishment. */
import { PIECE_TYPE } from '../../src/console/attachments.ts'
import { MAY, type Permission } from '../../src/core/roles.ts'
import type { Route } from './every-route.ts'
import { type CareThing, movedOf, ofUnits, patientOf, SERVICE } from './scope-care.ts'
import { type Ask, IN_UNITS, OTHER_UNIT, type Scene, STATUS_OF, type Told, UNIT } from './scope-world.ts'

const DAYS = 400 * 86_400_000
const [from, to] = [-DAYS, DAYS].map((ms) => new Date(Date.now() + ms).toISOString()) as [string, string]
const TIME = new URLSearchParams({ from, to })
const SPAN = new URLSearchParams({ service: SERVICE, from, to })
/** What a unit is of: cases, appointments, and what is counted of them. */
const OF_UNITS: readonly Permission[] = [
  'cases:read',
  'cases:clinical',
  'cases:act',
  'appointments:read',
  'appointments:act',
  'measures:read',
]

type Call = (ask: Ask) => Promise<Told>
/** What is wrong with what one of the unit gets: `own` is of the unit, `other` of another one of the establishment. */
type Check = (own: CareThing, other: CareThing, call: Call, scene: Scene) => Promise<readonly string[]>

/** One's own is found, and may be done whether or not its state allows it now; that of another unit is not there. */
const one =
  (ask: (thing: CareThing) => Ask): Check =>
  async (own, other, call) => {
    const [mine, theirs] = [await call(ask(own)), await call(ask(other))]
    const found = mine.status < 400 || mine.status === 409
    return found && theirs.status === 404
      ? []
      : [`of the unit: ${mine.status} ${mine.text}, of another: ${theirs.status}`]
  }

/** A list shows what is of the unit, and nothing of another. */
const list =
  (path: string, of: (thing: CareThing) => string): Check =>
  async (own, other, call) => {
    const { status, text } = await call({ path })
    const [mine, theirs] = [text.includes(of(own)), text.includes(of(other))]
    return status === 200 && mine && !theirs
      ? []
      : [`${status}, shows ${mine} of the unit, ${theirs} of another: ${text}`]
  }

/** What is counted: the real appointments of the scene, of which each unit has one. */
const counted =
  (path: string): Check =>
  async (_own, _other, call) => {
    const { status, text } = await call({ path })
    const shown = [UNIT, OTHER_UNIT].map((unit) => text.includes(STATUS_OF[unit]!))
    return status === 200 && shown[0] && !shown[1] ? [] : [`${status}, shows ${shown}: ${text}`]
  }

/** Times of the real cases of the scene: how many, as the page and the files say it. */
const measured =
  (path: string, many: (text: string) => number): Check =>
  async (_own, _other, call) => {
    const { status, text } = await call({ path })
    return status === 200 && many(text) === 1 ? [] : [`${status}, counts ${many(text)}: ${text.slice(0, 400)}`]
  }

/** Nothing of it is of a unit; the reason stands here. */
const none =
  (_why: string): Check =>
  async () => []

const at = (rest: string, json: object = {}): Check =>
  one(({ appointment }) => ({ path: `/api/appointments/${appointment}/${rest}`, json }))
const page = (act: string, form: Readonly<Record<string, string>> = {}): Check =>
  one(({ appointment }) => ({ path: `/rendez-vous/${appointment}/${act}`, form }))

const asked: Check = async (_own, _other, call) => {
  const faults: string[] = []
  for (const [unit, status] of [
    [UNIT, 201],
    [OTHER_UNIT, 403],
  ] as const) {
    const request = { service: SERVICE, unit, callBack: null, patient: patientOf('a'), reason: 'tried' }
    const told = await call({ path: '/api/cases', json: { request } })
    if (told.status !== status) faults.push(`a request of ${unit} got ${told.status}`)
  }
  return faults
}

/** A page that is about a case: it is shown, or sent, for the own alone. */
const onCase = (ask: (thing: CareThing) => Ask): Check => one(ask)
const file = (thing: CareThing): Ask => ({
  path: '/api/cases/uploads',
  json: { bytes: 20, type: 'application/pdf', case: thing.case },
})

const week: Check = async (own, other, call) => {
  const shown = async (thing: CareThing) =>
    (await call({ path: `/rendez-vous?service=${SERVICE}&semaine=${thing.date}` })).text.includes(thing.appointment)
  const [mine, theirs] = [await shown(own), await shown(other)]
  return mine && !theirs ? [] : [`shows ${mine} of the unit, ${theirs} of another`]
}

const moved: Check = async (own, other, call, scene) => {
  const ask = ({ appointment }: CareThing): Ask => ({
    path: `/api/appointments/${appointment}/move`,
    json: { slot: own.slot },
  })
  return await one(ask)(own, other, call, scene)
}

const given: Check = async (own, other, call) => {
  const ask = (to: CareThing, of: CareThing): Ask => ({
    path: `/api/cases/${to.case}/attachments`,
    json: { attachments: [of.attachment] },
  })
  const [mine, theirs, taken] = [await call(ask(own, own)), await call(ask(other, own)), await call(ask(own, other))]
  const right = mine.status < 400 && theirs.status === 404 && taken.status === 404
  return right ? [] : [`of the unit: ${mine.status}, of another: ${theirs.status}, from another: ${taken.status}`]
}

const live: Check = async (own, other, call) => {
  const { status, text } = await call({ path: '/live/cases' })
  const [mine, theirs] = [text.includes(own.case), text.includes(other.case)]
  return status === 200 && !theirs ? [] : [`${status}, tells ${mine} of the unit, ${theirs} of another`]
}

const OF_CENTRES = none('what a centre offers is of no unit of those who ask')
/** What somebody of another unit uploads, for a case or for none yet, is theirs. */
const upload =
  (ask: (id: string) => Ask): Check =>
  async (_own, other, call, scene) => {
    const faults: string[] = []
    const begun = async (by: Call, of: string | null): Promise<string> =>
      JSON.parse((await by({ ...file(other), json: { bytes: 20, type: 'application/pdf', case: of } })).text).id
    for (const of of [other.case, null]) {
      const { status } = await call(ask(await begun((one) => scene.call('requester', 'a', one), of)))
      if (status !== 404) faults.push(`got ${status} for the upload of another unit`)
    }
    const { status } = await call(ask(await begun(call, null)))
    return status < 300 ? faults : [...faults, `got ${status} for its own upload`]
  }

/** The form offers patients who are registered in the unit, and none who is in another. */
const offered =
  (ask: Ask): Check =>
  async (_own, _other, call, scene) => {
    const text = [UNIT, OTHER_UNIT].map((unit) => registration(unit))
    for (const one of text) await scene.call('establishment', 'a', one)
    const [mine, all] = [(await call(ask)).text, (await scene.call('requester', 'a', ask)).text]
    const shown = [UNIT, OTHER_UNIT].map((unit) => [mine, all].map((page) => page.includes(`REGISTERED-${unit}`)))
    return String(shown) === 'true,true,false,true' ? [] : [`shows ${shown}`]
  }

function registration(unit: string): Ask {
  const id = `REGISTERED-${unit}`
  const text = [
    `MSH|^~\\&|DPI|A|PASSERELLE|REGION|20261126101500||ADT^A01^ADT_A01|${id}|T|2.5|||||FRA|UNICODE UTF-8`,
    'EVN||20261126101500',
    `PID|1||${id}^^^CHA&1.2.3.4&ISO^PI||${id}^JEANNE^^^^^L||19400102|F`,
    `PV1|1|I|${unit}`,
    '',
  ].join('\r')
  return { path: '/hl7', text, headers: { 'content-type': 'application/hl7-v2' } }
}

const OF_SERVICES = none('says what may be asked for, and nothing of a case')

const ROWS: Readonly<Record<string, Check>> = {
  'GET /api/cases': list('/api/cases', (thing) => thing.case),
  'GET /api/cases/:id': one((thing) => ({ path: `/api/cases/${thing.case}` })),
  'POST /api/cases': asked,
  'POST /api/cases/:id/acts': one((thing) => ({
    path: `/api/cases/${thing.case}/acts`,
    json: { act: { what: 'write', text: 'tried' } },
  })),
  'GET /api/cases/:id/studies/found': one((thing) => ({ path: `/api/cases/${thing.case}/studies/found` })),
  'POST /api/cases/:id/studies': one((thing) => ({
    path: `/api/cases/${thing.case}/studies`,
    json: { uid: '1.2.3', reason: 'tried' },
  })),
  'GET /api/cases/:id/notices': one((thing) => ({ path: `/api/cases/${thing.case}/notices` })),
  'GET /api/cases/:id/attachments': async (own, other, call) => {
    const at = async (thing: CareThing) => (await call({ path: `/api/cases/${thing.case}/attachments` })).text
    const [mine, theirs] = [(await at(own)).includes(own.attachment), (await at(other)).includes(other.attachment)]
    return mine && !theirs ? [] : [`shows ${mine} of the unit, ${theirs} of another`]
  },
  'GET /api/cases/attachments/:id': one((thing) => ({ path: `/api/cases/attachments/${thing.attachment}` })),
  'POST /api/cases/:id/attachments': given,
  'POST /api/cases/uploads': one(file),
  'PATCH /api/cases/uploads/:id': upload((id) => ({
    path: `/api/cases/uploads/${id}`,
    method: 'PATCH',
    text: '%PDF-',
    headers: { 'content-type': PIECE_TYPE, 'upload-offset': '0' },
  })),
  'DELETE /api/cases/uploads/:id': upload((id) => ({ path: `/api/cases/uploads/${id}`, method: 'DELETE' })),
  'GET /live/cases': live,
  'GET /dossiers': list('/dossiers', (thing) => thing.case),
  'GET /dossiers/:id': onCase((thing) => ({ path: `/dossiers/${thing.case}` })),
  'POST /dossiers/:id/actes': onCase((thing) => ({
    path: `/dossiers/${thing.case}/actes`,
    form: { acte: 'write', version: '1', text: 'tried' },
  })),
  'GET /dossiers/:id/images': onCase((thing) => ({ path: `/dossiers/${thing.case}/images` })),
  'POST /dossiers/:id/images': onCase((thing) => ({
    path: `/dossiers/${thing.case}/images`,
    form: { uid: '1.2.3', reason: 'tried' },
  })),
  'GET /dossiers/:id/actes': none('leads to the case, whoever asks and whether or not there is one'),
  'GET /dossiers/:id/synthese': onCase((thing) => ({ path: `/dossiers/${thing.case}/synthese` })),
  'GET /dossiers/:id/compte-rendu': onCase((thing) => ({ path: `/dossiers/${thing.case}/compte-rendu` })),
  'GET /demandes': OF_SERVICES,
  'GET /demandes/:service': offered({ path: `/demandes/${SERVICE}` }),
  'POST /demandes/:service': offered({ path: `/demandes/${SERVICE}`, form: { site: 'ch-a', act: 'check' } }),
  'POST /demandes/heure': OF_SERVICES,
  'GET /api/duty/:id/open': async (own, other, call) => {
    const { status, text } = await call({ path: `/api/duty/${own.duty}/open` })
    return status === 200 && !text.includes(other.number) ? [] : [`${status}: ${text}`]
  },
  'GET /api/slots': OF_CENTRES,
  'POST /api/slots': OF_CENTRES,
  'POST /api/slots/:id/withdraw': OF_CENTRES,
  'POST /rendez-vous/creneaux': OF_CENTRES,
  'POST /rendez-vous/creneaux/retrait': OF_CENTRES,
  'GET /api/appointments': list(`/api/appointments?${SPAN}`, (thing) => thing.appointment),
  'GET /api/appointments/counts': counted(`/api/appointments/counts?${TIME}`),
  'GET /api/appointments/:id': one((thing) => ({ path: `/api/appointments/${thing.appointment}` })),
  'GET /api/appointments/cases/:id': one((thing) => ({ path: `/api/appointments/cases/${thing.case}` })),
  'GET /rendez-vous/dossiers/:id': one((thing) => ({ path: `/rendez-vous/dossiers/${thing.case}` })),
  'POST /api/appointments': one((thing) => ({
    path: '/api/appointments',
    json: { case: thing.case, slot: thing.slot },
  })),
  'POST /api/appointments/:id/move': moved,
  'POST /api/appointments/:id/arrive': at('arrive', { role: 'patient' }),
  'POST /api/appointments/:id/fulfil': at('fulfil'),
  'POST /api/appointments/:id/no-show': at('no-show'),
  'POST /api/appointments/:id/cancel': at('cancel', { reason: 'other' }),
  'POST /api/appointments/:id/join': at('join', { role: 'patient' }),
  'GET /rendez-vous': week,
  'GET /rendez-vous/:id': one((thing) => ({ path: `/rendez-vous/${thing.appointment}` })),
  'POST /rendez-vous/reserver': one((thing) => ({
    path: '/rendez-vous/reserver',
    form: { case: thing.case, slot: thing.slot },
  })),
  'POST /rendez-vous/:id/deplacer': page('deplacer'),
  'POST /rendez-vous/:id/arrivee': page('arrivee', { role: 'patient' }),
  'POST /rendez-vous/:id/tenu': page('tenu'),
  'POST /rendez-vous/:id/absent': page('absent'),
  'POST /rendez-vous/:id/annuler': page('annuler', { reason: 'other' }),
  'POST /rendez-vous/:id/seance': page('seance'),
  'GET /mesures': measured('/mesures', (text) =>
    Number(/data-label="Dossiers"><span>(\d+)/.exec(text)?.[1] ?? Number.NaN),
  ),
  'GET /mesures/mois.csv': measured('/mesures/mois.csv', (text) => Number(text.split('\n')[1]?.split(';')[3])),
  'GET /mesures/dossiers.csv': measured('/mesures/dossiers.csv', (text) => text.trim().split('\n').length - 1),
  'GET /api/measures': measured(`/api/measures?${TIME}`, (text) =>
    Number(/"initial-population".*?"count":(\d+)/.exec(text)?.[1] ?? Number.NaN),
  ),
}

/** What is wrong with what somebody bound to one unit is shown and may do, on every route that shows or moves what units have. */
export async function faultsOfUnits(scene: Scene, routes: readonly Route[]): Promise<readonly string[]> {
  const [own, other] = await ofUnits(scene)
  await movedOf(scene)
  const faults: string[] = []
  const used = new Set<string>()
  for (const who of IN_UNITS) {
    const call: Call = (ask) => scene.call(who, 'unit', ask)
    for (const { method, url, admits, refuses } of routes) {
      const permission = OF_UNITS.find((one) => one === admits)
      if (refuses || method === 'HEAD' || permission === undefined || MAY[who][permission] === undefined) continue
      const route = `${method} ${url}`
      used.add(route)
      const check = ROWS[route]
      if (check === undefined) faults.push(`${route} of units has no row`)
      else
        faults.push(...(await check(own, other, call, scene)).map((fault) => `${who} of one unit, ${route}: ${fault}`))
    }
  }
  return [
    ...faults,
    ...Object.keys(ROWS)
      .filter((route) => !used.has(route))
      .map((route) => `${route} is no route of units`),
  ]
}
