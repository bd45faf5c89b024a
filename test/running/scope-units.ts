/** Scope of those who are bound to one unit of their establishment: what is of the unit, and nothing of another. */
import { PIECE_TYPE } from '../../src/console/attachments.ts'
import { MAY, type Role } from '../../src/core/roles.ts'
import { until } from '../support/world/until.ts'
import { type CareThing, makeThing, patientOf, SERVICE } from './scope-care.ts'
import { type Ask, hl7, type Scene, type Told, UNIT } from './scope-world.ts'

const DAYS = 400 * 86_400_000
const SPAN = new URLSearchParams({
  from: new Date(Date.now() - DAYS).toISOString(),
  to: new Date(Date.now() + DAYS).toISOString(),
})
const OTHER_UNIT = 'U1'

/** Who may be bound to units: whoever has cases or appointments of their own. */
export const UNIT_ROLES = (Object.keys(MAY) as Role[]).filter(
  (role) => MAY[role]['appointments:read'] === 'own' && (role as string) !== 'establishment',
)

interface Units {
  readonly own: CareThing
  readonly other: CareThing
  readonly call: (ask: Ask) => Promise<Told>
  readonly scene: Scene
}
type Check = (units: Units) => Promise<readonly string[]>

const made = new WeakMap<Scene, Promise<readonly [own: CareThing, other: CareThing]>>()

/** What `ch-d` has of the unit that some are bound to, and of another one. */
function ofUnits(scene: Scene): Promise<readonly [own: CareThing, other: CareThing]> {
  const make = async () => {
    const at = { site: 'd', centre: 'c' } as const
    const own = await makeThing(scene, { ...at, rotaDay: 300, day: 300, mark: 'unit-own', unit: UNIT })
    const other = await makeThing(scene, { ...at, rotaDay: 340, day: 340, mark: 'unit-foreign', unit: OTHER_UNIT })
    for (const [unit, name] of [
      [UNIT, 'REGISTERED-OWN'],
      [OTHER_UNIT, 'REGISTERED-FOREIGN'],
    ] as const)
      await scene.call(null, 'd', registration(unit, name))
    return [own, other] as const
  }
  const known = made.get(scene) ?? make()
  made.set(scene, known)
  return known
}

function registration(unit: string, name: string): Ask {
  const text = [
    `MSH|^~\\&|GAM|D|PASSERELLE|REGION|20261126101500||ADT^A01^ADT_A01|${name}|P|2.5|||||FRA|UNICODE UTF-8`,
    'EVN||20261126101500',
    `PID|1||${name}^^^CHD&1.2.3.4&ISO^PI||${name}^JEANNE^^^^^L||19400102|F`,
    `PV1|1|I|${unit}`,
    '',
  ].join('\r')
  return { ...hl7('/hl7', 'D', 'GAM', name), text, headers: { 'content-type': 'application/hl7-v2', ...AS_D } }
}
const AS_D = { authorization: 'Bearer sender-d' }

/** Of what is another unit's nothing is said. */
const silent = ({ text }: Told, { other }: Units): string[] =>
  [other.case, other.appointment, other.attachment, 'unit-foreign', 'registered-foreign']
    .filter((one) => text.toLowerCase().includes(one))
    .map((one) => `shows ${one} of another unit`)

/** One's own is there; what is another unit's is not. 409: it was found, and its state does not allow it now. */
const one =
  (ask: (thing: CareThing) => Ask): Check =>
  async (units) => {
    const [mine, theirs] = [await units.call(ask(units.own)), await units.call(ask(units.other))]
    return [
      ...(mine.status < 400 || mine.status === 409 ? [] : [`got ${mine.status} for its own: ${mine.text}`]),
      ...(theirs.status === 404 ? [] : [`got ${theirs.status} for what is another unit's`]),
      ...silent(mine, units),
      // The page that says so repeats the address that was asked for.
      ...(theirs.text.includes('unit-foreign') ? ["shows another unit's"] : []),
    ]
  }

/** It names what is one's own, and nothing of another unit. */
const list =
  (path: string, of: (thing: CareThing) => string): Check =>
  async (units) => {
    const told = await units.call({ path })
    const shown = told.status === 200 && told.text.includes(of(units.own))
    return [...(shown ? [] : [`got ${told.status} without its own`]), ...silent(told, units)]
  }

/** It says nothing of another unit, whatever else it says. */
const quiet =
  (path: string): Check =>
  async (units) =>
    silent(await units.call({ path }), units)

/** A measure of the unit is shown, and that of the other one is not, which is shown to whoever is bound to none. */
const measured =
  (path: string): Check =>
  async ({ call, scene }) => {
    const asked = (service: string): Ask => ({ path: `${path}${path.includes('?') ? '&' : '?'}service=${service}` })
    const names = ({ status, text }: Told): boolean => status === 200 && /ch-d|Units \(fictif\)/.test(text)
    return [
      ...(names(await call(asked('stroke'))) ? [] : ['does not see its own']),
      ...(names(await call(asked('plaies-escarres'))) ? ['sees the measure of another unit'] : []),
      ...(names(await scene.call('requester', 'd', asked('plaies-escarres'))) ? [] : ['there is none']),
    ]
  }

const counted: Check = async ({ call, scene }) => {
  const sum = ({ text }: Told): number =>
    JSON.parse(text).counts.reduce((all: number, { n }: { n: number }) => all + n, 0)
  const path = `/api/appointments/counts?${SPAN}`
  const [own, all] = [sum(await call({ path })), sum(await scene.call('requester', 'd', { path }))]
  return own === 1 && all === 2 ? [] : [`counts ${own} of ${all}`]
}

/** Patients who are registered in the unit are offered, those of another one are not. */
const registered =
  (ask: Ask): Check =>
  async (units) => {
    let told: Told = await units.call(ask)
    await until('the registration', async () => {
      told = await units.call(ask)
      const all = await units.scene.call('requester', 'd', ask)
      return told.text.includes('REGISTERED-OWN') && all.text.includes('REGISTERED-FOREIGN')
    })
    return silent(told, units)
  }

/** A request of the unit is taken, and one of another is not; one that names none is of the unit. */
const asking: Check = async (units) => {
  const ask = async (unit: string | null) => {
    const request = { service: SERVICE, unit, callBack: null, patient: patientOf('tried'), reason: 'tried' }
    return units.call({ path: '/api/cases', json: { request } })
  }
  const [own, other, none] = [await ask(UNIT), await ask(OTHER_UNIT), await ask(null)]
  return [
    ...(own.status === 201 && other.status === 403 ? [] : [`requests got ${own.status} and ${other.status}`]),
    ...(none.status === 201 && JSON.parse(none.text).unit === UNIT ? [] : ['what names no unit is not of the unit']),
  ]
}

const begin = (of: string | null): Ask => ({
  path: '/api/cases/uploads',
  json: { bytes: 20, type: 'application/pdf', case: of },
})

/** What somebody of another unit uploads, for a case or for none yet, is theirs. */
const upload =
  (ask: (id: string) => Ask): Check =>
  async ({ call, other, scene }) => {
    const faults: string[] = []
    for (const of of [other.case, null]) {
      const { id } = JSON.parse((await scene.call('requester', 'd', begin(of))).text)
      const { status } = await call(ask(id))
      if (status !== 404) faults.push(`got ${status} for the upload of another unit`)
    }
    const own = JSON.parse((await call(begin(null))).text)
    const { status } = await call(ask(own.id))
    return status < 300 ? faults : [...faults, `got ${status} for its own upload`]
  }

const piece = (id: string): Ask => ({
  path: `/api/cases/uploads/${id}`,
  method: 'PATCH',
  text: '%PDF-',
  headers: { 'content-type': PIECE_TYPE, 'upload-offset': '0' },
})

const step = (name: string, json: object = {}): Check =>
  one(({ appointment }) => ({ path: `/api/appointments/${appointment}/${name}`, json }))
const form = (name: string, fields: Readonly<Record<string, string>> = {}): Check =>
  one(({ appointment }) => ({ path: `/rendez-vous/${appointment}/${name}`, form: fields }))

/** Every route on which a unit divides what is seen or done. */
export const IN_UNITS: Readonly<Record<string, Check>> = {
  'GET /dossiers': list('/dossiers', (thing) => thing.case),
  'GET /dossiers/:id': one((thing) => ({ path: `/dossiers/${thing.case}` })),
  'POST /dossiers/:id/actes': one((thing) => ({
    path: `/dossiers/${thing.case}/actes`,
    form: { acte: 'write', version: '1', text: 'tried' },
  })),
  'GET /dossiers/:id/synthese': one((thing) => ({ path: `/dossiers/${thing.case}/synthese` })),
  'GET /dossiers/:id/compte-rendu': one((thing) => ({ path: `/dossiers/${thing.case}/compte-rendu` })),
  'GET /live/cases': quiet('/live/cases'),
  'GET /mesures': measured('/mesures'),
  'GET /mesures/mois.csv': measured('/mesures/mois.csv'),
  'GET /mesures/dossiers.csv': measured('/mesures/dossiers.csv'),
  'GET /api/measures': measured(`/api/measures?${SPAN}`),
  'GET /demandes/:service': registered({ path: `/demandes/${SERVICE}` }),
  'POST /demandes/:service': registered({ path: `/demandes/${SERVICE}`, form: { site: 'ch-d', act: 'check' } }),
  'GET /rendez-vous': quiet(
    `/rendez-vous?service=${SERVICE}&semaine=${new Date(Date.now() + 340 * 86_400_000).toISOString().slice(0, 10)}`,
  ),
  'GET /rendez-vous/:id': one((thing) => ({ path: `/rendez-vous/${thing.appointment}` })),
  'POST /rendez-vous/reserver': one((thing) => ({
    path: '/rendez-vous/reserver',
    form: { case: thing.case, slot: thing.slot },
  })),
  'POST /rendez-vous/:id/deplacer': form('deplacer'),
  'POST /rendez-vous/:id/arrivee': form('arrivee', { role: 'patient' }),
  'POST /rendez-vous/:id/tenu': form('tenu'),
  'POST /rendez-vous/:id/absent': form('absent'),
  'POST /rendez-vous/:id/annuler': form('annuler', { reason: 'other' }),
  'POST /rendez-vous/:id/seance': form('seance'),
  'GET /api/cases': list('/api/cases', (thing) => thing.case),
  'GET /api/cases/:id': one((thing) => ({ path: `/api/cases/${thing.case}` })),
  'GET /api/cases/:id/notices': one((thing) => ({ path: `/api/cases/${thing.case}/notices` })),
  'POST /api/cases': asking,
  'POST /api/cases/:id/acts': one((thing) => ({
    path: `/api/cases/${thing.case}/acts`,
    json: { act: { what: 'write', text: 'tried' } },
  })),
  'GET /api/cases/:id/attachments': async (units) => {
    const at = (thing: CareThing) => units.call({ path: `/api/cases/${thing.case}/attachments` })
    const shown = (await at(units.own)).text.includes(units.own.attachment)
    return [...(shown ? [] : ['does not see its own']), ...silent(await at(units.other), units)]
  },
  'GET /api/cases/attachments/:id': one((thing) => ({ path: `/api/cases/attachments/${thing.attachment}` })),
  'POST /api/cases/:id/attachments': one((thing) => ({
    path: `/api/cases/${thing.case}/attachments`,
    json: { attachments: [thing.attachment] },
  })),
  'POST /api/cases/uploads': one((thing) => begin(thing.case)),
  'HEAD /api/cases/uploads/:id': upload((id) => ({ path: `/api/cases/uploads/${id}`, method: 'HEAD' })),
  'PATCH /api/cases/uploads/:id': upload(piece),
  'DELETE /api/cases/uploads/:id': upload((id) => ({ path: `/api/cases/uploads/${id}`, method: 'DELETE' })),
  'GET /api/slots': quiet(`/api/slots?service=${SERVICE}&${SPAN}`),
  'GET /api/appointments': list(`/api/appointments?${SPAN}`, (thing) => thing.appointment),
  'GET /api/appointments/counts': counted,
  'GET /api/appointments/:id': one((thing) => ({ path: `/api/appointments/${thing.appointment}` })),
  'POST /api/appointments': one((thing) => ({
    path: '/api/appointments',
    json: { case: thing.case, slot: thing.slot },
  })),
  'POST /api/appointments/:id/move': one((thing) => ({
    path: `/api/appointments/${thing.appointment}/move`,
    json: { slot: thing.slot },
  })),
  'POST /api/appointments/:id/arrive': step('arrive', { role: 'patient' }),
  'POST /api/appointments/:id/fulfil': step('fulfil'),
  'POST /api/appointments/:id/no-show': step('no-show'),
  'POST /api/appointments/:id/cancel': step('cancel', { reason: 'other' }),
  'POST /api/appointments/:id/join': step('join', { role: 'patient' }),
}

/** Every other route: of oneself, of the counts and rotas of an establishment, of slots, which no unit has. */
export const UNDIVIDED: readonly string[] = [
  ...['GET /', 'GET /session', 'POST /session/fin', 'POST /session/partout', 'GET /api/runs/:id'],
  ...['GET /api/status', 'GET /api/maintenance', 'GET /live/overview', 'GET /demandes', 'POST /demandes/heure'],
  ...['GET /garde', 'GET /garde/tableau', 'POST /garde/tableau', 'GET /garde/:id', 'POST /garde/:id/test'],
  ...['POST /garde/:id/prise', 'POST /garde/:id/releve', 'GET /procedure-degradee', 'GET /procedure-degradee/:site'],
  ...['GET /api/duty', 'GET /api/duty/on', 'GET /api/duty/:id', 'PUT /api/duty', 'POST /api/duty/:id/test'],
  ...['POST /api/duty/:id/take', 'GET /api/duty/:id/open', 'POST /api/slots', 'POST /api/slots/:id/withdraw'],
  ...['POST /rendez-vous/creneaux', 'POST /rendez-vous/creneaux/retrait'],
]

/** What is wrong with what somebody of this role who is bound to a unit is shown, and may do, on a route that is divided. */
export async function faultsInUnit(scene: Scene, route: string, role: Role): Promise<readonly string[]> {
  const [own, other] = await ofUnits(scene)
  const call = (ask: Ask) => scene.call(role, 'unit', ask)
  return IN_UNITS[route]!({ own, other, call, scene })
}
