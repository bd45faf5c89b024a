/** Scope of cases, appointments, photos and documents for programs. */
import { PIECE_TYPE } from '../../src/console/attachments.ts'
import { type CareThing, movedOf, patientOf, SERVICE, thingsOf } from './scope-care.ts'
import { hiddenFrom, shownTo } from './scope-persons.ts'
import type { Row } from './scope-rows.ts'
import { type Ask, otherOf, type Scene, type Side, type Told, type Who } from './scope-world.ts'

const SIDES = ['a', 'b'] as const
const DAYS = 100 * 86_400_000
const SPAN = new URLSearchParams({
  from: new Date(Date.now() - DAYS).toISOString(),
  to: new Date(Date.now() + DAYS).toISOString(),
})

type Check = (side: Side, own: CareThing, other: CareThing, call: (ask: Ask) => Promise<Told>) => Promise<string[]>

/** Each side in turn. `of`: what the sides have. */
const each = (check: (who: Who) => Check, of = thingsOf): Row => ({
  kind: 'told',
  check: async (scene: Scene, who: Who) => {
    const things = await of(scene)
    const faults: string[] = []
    for (const side of SIDES) {
      const call = (ask: Ask) => scene.call(who, side, ask)
      faults.push(...(await check(who)(side, things[side], things[otherOf(side)], call)))
    }
    return faults
  },
})

/** An answer names what is one's own, and not what is the other side's. */
const named = (path: string, of: (thing: CareThing) => string): Row =>
  each(() => async (side, own, other, call) => {
    const { status, text } = await call({ path })
    return [
      ...(status === 200 && text.includes(of(own))
        ? []
        : [`${side} got ${status}, without its own: ${text.slice(0, 200)}`]),
      ...(text.includes(of(other)) ? [`${side} is told of the other side's`] : []),
    ]
  })

/** One's own is shown, or done; the other side's is not there. */
const one = (ask: (thing: CareThing) => Ask, shows: 'marks' | 'nothing' = 'nothing', of = thingsOf): Row =>
  each(
    (who) => async (side, own, other, call) => {
      const hidden = hiddenFrom(who, side, await call(ask(other)))
      const told = await call(ask(own))
      return [...hidden, ...(shows === 'marks' ? shownTo(who, side, told) : reached(side, told))]
    },
    of,
  )

/** It was found and may be done, whether or not its state allows it now. */
function reached(side: Side, { status, text }: Told): string[] {
  return status < 300 || status === 409 ? [] : [`${side} got ${status} for its own: ${text.slice(0, 200)}`]
}

/** Status of what has to be refused. */
const refused = (side: Side, { status, text }: Told, wanted: number): string[] =>
  status === wanted ? [] : [`${side} got ${status} for the other side: ${text.slice(0, 200)}`]

const step = (name: string, json: object | null = {}): Row =>
  one(
    ({ appointment }) => ({
      path: `/api/appointments/${appointment}/${name}`,
      ...(json === null ? { method: 'POST' } : { json }),
    }),
    'nothing',
    movedOf,
  )

const begin = (of: string | null): Ask => ({
  path: '/api/cases/uploads',
  json: { bytes: 20, type: 'application/pdf', case: of },
})

/** An upload of the caller's own is gone on with by its own side alone. */
const upload = (ask: (id: string) => Ask): Row => ({
  kind: 'told',
  async check(scene, who) {
    const begun = await scene.call(who, 'a', begin(null))
    if (begun.status !== 201) return [`a got ${begun.status}: ${begun.text}`]
    const { id } = JSON.parse(begun.text)
    const hidden = hiddenFrom(who, 'b', await scene.call(who, 'b', ask(id)))
    return [...hidden, ...reached('a', await scene.call(who, 'a', ask(id)))]
  },
})

const piece = (id: string): Ask => ({
  path: `/api/cases/uploads/${id}`,
  method: 'PATCH',
  text: '%PDF-',
  headers: { 'content-type': PIECE_TYPE, 'upload-offset': '0' },
})

const slotAt = (centre: string) => {
  // Nobody asked for the same hour before.
  const startMs = Date.now() + DAYS + hours++ * 3_600_000
  const [start, end] = [0, 1_800_000].map((more) => new Date(startMs + more).toISOString())
  return { service: SERVICE, centre, start, end }
}
let hours = 0

/** Rows of these routes. */
export const CARE_API: Readonly<Record<string, Row>> = {
  'GET /api/cases': each(
    (who) => async (side, _own, _other, call) => shownTo(who, side, await call({ path: '/api/cases' })),
  ),
  'GET /api/cases/:id': one((thing) => ({ path: `/api/cases/${thing.case}` }), 'marks'),
  'POST /api/cases/:id/acts': one((thing) => ({
    path: `/api/cases/${thing.case}/acts`,
    json: { act: { what: 'write', text: 'tried' } },
  })),
  'POST /api/cases': each(() => async (side, own, other, call) => {
    const ask = (site: string): Ask => ({
      path: '/api/cases',
      json: { request: { service: SERVICE, site, callBack: null, patient: patientOf(side), reason: 'tried' } },
    })
    return [
      ...reached(side, await call(ask(own.establishment))),
      ...refused(side, await call(ask(other.establishment)), 403),
    ]
  }),
  'GET /api/cases/:id/attachments': each(() => async (side, own, other, call) => {
    const at = async (thing: CareThing) => (await call({ path: `/api/cases/${thing.case}/attachments` })).text
    return [
      ...((await at(own)).includes(own.attachment) ? [] : [`${side} does not see its own`]),
      ...((await at(other)).includes(other.attachment) ? [`${side} sees the other side's`] : []),
    ]
  }),
  'GET /api/cases/attachments/:id': one(
    ({ attachment }) => ({ path: `/api/cases/attachments/${attachment}` }),
    'marks',
  ),
  'POST /api/cases/:id/attachments': each((who) => async (side, own, other, call) => {
    const ask = (to: CareThing, of: CareThing): Ask => ({
      path: `/api/cases/${to.case}/attachments`,
      json: { attachments: [of.attachment] },
    })
    return [
      ...hiddenFrom(who, side, await call(ask(own, other))),
      ...hiddenFrom(who, side, await call(ask(other, own))),
      ...reached(side, await call(ask(own, own))),
    ]
  }),
  'POST /api/cases/uploads': each((who) => async (side, own, other, call) => [
    ...hiddenFrom(who, side, await call(begin(other.case))),
    ...reached(side, await call(begin(own.case))),
  ]),
  'PATCH /api/cases/uploads/:id': upload(piece),
  'HEAD /api/cases/uploads/:id': upload((id) => ({ path: `/api/cases/uploads/${id}`, method: 'HEAD' })),
  'DELETE /api/cases/uploads/:id': upload((id) => ({ path: `/api/cases/uploads/${id}`, method: 'DELETE' })),
  // That somebody's hour is taken is everybody's to know; by which appointment is not.
  'GET /api/slots': named(`/api/slots?service=${SERVICE}&${SPAN}`, ({ appointment }) => appointment),
  'POST /api/slots': each(() => async (side, own, other, call) => {
    const ask = (centre: string): Ask => ({ path: '/api/slots', json: { slots: [slotAt(centre)] } })
    return [
      ...reached(side, await call(ask(own.establishment))),
      ...refused(side, await call(ask(other.establishment)), 404),
    ]
  }),
  'POST /api/slots/:id/withdraw': one(
    ({ slot }) => ({ path: `/api/slots/${slot}/withdraw`, method: 'POST' }),
    'nothing',
    movedOf,
  ),
  'GET /api/appointments': named(`/api/appointments?${SPAN}`, ({ appointment }) => appointment),
  'GET /api/appointments/counts': named(`/api/appointments/counts?${SPAN}`, ({ establishment }) => establishment),
  'GET /api/appointments/:id': one(({ appointment }) => ({ path: `/api/appointments/${appointment}` })),
  'GET /api/appointments/cases/:id': one((thing) => ({ path: `/api/appointments/cases/${thing.case}` })),
  'POST /api/appointments': one((thing) => ({
    path: '/api/appointments',
    json: { case: thing.case, slot: thing.slot },
  })),
  'POST /api/appointments/:id/move': each(
    (who) => async (side, own, other, call) => {
      const ask = ({ appointment }: CareThing): Ask => ({
        path: `/api/appointments/${appointment}/move`,
        json: { slot: own.slot },
      })
      return [...hiddenFrom(who, side, await call(ask(other))), ...reached(side, await call(ask(own)))]
    },
    movedOf,
  ),
  'POST /api/appointments/:id/arrive': step('arrive', { role: 'patient' }),
  'POST /api/appointments/:id/fulfil': step('fulfil', null),
  'POST /api/appointments/:id/no-show': step('no-show', null),
  'POST /api/appointments/:id/cancel': step('cancel', { reason: 'other' }),
  'POST /api/appointments/:id/join': step('join', { role: 'patient' }),
}
