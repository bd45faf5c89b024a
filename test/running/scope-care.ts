/** Scope of the pages of requests, duty, appointments and degraded mode. */
import { PIECE_TYPE } from '../../src/console/attachments.ts'
import { hiddenFrom, shownTo } from './scope-persons.ts'
import type { Row } from './scope-rows.ts'
import { type Ask, CLINICAL, markOf, otherOf, type Scene, type Side, UNIT, type Who } from './scope-world.ts'

export const SERVICE = 'plaies-escarres'

/** What a side has of telemedicine. */
export interface CareThing {
  readonly establishment: string
  readonly case: string
  /** Its number. */
  readonly number: string
  readonly duty: string
  readonly appointment: string
  /** Day of the appointment, YYYY-MM-DD. */
  readonly date: string
  readonly slot: string
  /** A document of the case. */
  readonly attachment: string
}

const made = new WeakMap<Scene, Promise<Readonly<Record<Side, CareThing>>>>()

/** What both sides have. */
export function thingsOf(scene: Scene): Promise<Readonly<Record<Side, CareThing>>> {
  const known = made.get(scene) ?? makeBoth(scene, 20)
  made.set(scene, known)
  return known
}

const moved = new WeakMap<Scene, Promise<Readonly<Record<Side, CareThing>>>>()

/** As much again, for what is moved and ended: the others stay as they are. */
export function movedOf(scene: Scene): Promise<Readonly<Record<Side, CareThing>>> {
  const known = moved.get(scene) ?? thingsOf(scene).then(() => makeBoth(scene, 60))
  moved.set(scene, known)
  return known
}

const inUnits = new WeakMap<Scene, Promise<readonly [own: CareThing, other: CareThing]>>()

/** What side `a` has of the unit that some are bound to, and of another one. */
export function ofUnits(scene: Scene): Promise<readonly [own: CareThing, other: CareThing]> {
  const make = async () => {
    await movedOf(scene)
    return [(await makeBoth(scene, 300, UNIT)).a, (await makeBoth(scene, 340, 'U1')).a] as const
  }
  const known = inUnits.get(scene) ?? make()
  inUnits.set(scene, known)
  return known
}

/** An invented patient of a side. */
export const patientOf = (side: Side) => ({
  ...{ identifiers: [], family: 'ESSAI (FICTIF)', given: side, birthDate: null, sex: 'unknown' },
})

async function makeBoth(
  { call }: Scene,
  day: number,
  unit: string | null = null,
): Promise<Readonly<Record<Side, CareThing>>> {
  const iso = (days: number, minutes = 0): string =>
    new Date(Date.now() + days * 86_400_000 + minutes * 60_000).toISOString()
  const make = async (side: Side, days: number): Promise<CareThing> => {
    const [establishment, mark] = [`ch-${side}`, markOf(side)]
    const json = async (who: Who, ask: Ask) => {
      const { status, text } = await call(who, side, ask)
      if (status >= 300) throw new Error(`${ask.path} ${status}: ${text}`)
      return JSON.parse(text)
    }
    const hours = { from: iso(day - 20, -10), until: iso(day - 19) }
    const duties = [1, 2].map((place) => ({
      place,
      person: mark,
      rpps: null,
      phone: '0199005001',
      mobile: null,
      ...hours,
    }))
    const rota = { service: SERVICE, centre: establishment, ...hours, duties }
    await json('expert', { path: '/api/duty', method: 'PUT', json: rota })
    const { rotas } = await json('expert', {
      path: `/api/duty?${new URLSearchParams({ ...hours, centre: establishment })}`,
    })
    const service = SERVICE
    const consent = { given: true, by: 'IDE', at: iso(0), refusedWhy: null }
    const request = {
      service,
      callBack: '0199005001',
      patient: patientOf(side),
      unit,
      reason: `${mark} ${CLINICAL}`,
      consent,
    }
    const asked = await json('requester', { path: '/api/cases', json: { request } })
    // Slots are the region's to see: those of the sides are in weeks of their own.
    const slots = [0, 60].map((minutes) => ({
      service,
      centre: establishment,
      start: iso(days, minutes),
      end: iso(days, minutes + 30),
    }))
    await json('expert', { path: '/api/slots', json: { slots } })
    const span = new URLSearchParams({ service, from: iso(days, -1), to: iso(days, 120) })
    const offered = await json('expert', { path: `/api/slots?${span}` })
    const booked = { case: asked.id, slot: offered.slots[0].id }
    const appointment = await json('requester', { path: '/api/appointments', json: booked })
    const pdf = `%PDF-1.7\n${mark}\n%%EOF`
    const upload = { bytes: pdf.length, type: 'application/pdf', case: asked.id }
    const begun = await json('requester', { path: '/api/cases/uploads', json: upload })
    const kept = await json('requester', {
      path: `/api/cases/uploads/${begun.id}`,
      method: 'PATCH',
      text: pdf,
      headers: { 'content-type': PIECE_TYPE, 'upload-offset': '0' },
    })
    return {
      ...{
        establishment,
        case: asked.id,
        number: asked.number,
        date: iso(days).slice(0, 10),
        duty: rotas.find((one: { service: string }) => one.service === rota.service).duties[0].id,
      },
      ...{ appointment: appointment.id, slot: offered.slots[1].id, attachment: kept.attachment },
    }
  }
  return { a: await make('a', day), b: await make('b', day + 20) }
}

/** One's own is shown; the other side's is not there. */
export const seen = (ask: (thing: CareThing) => Ask): Row => ({
  kind: 'told',
  check: async (scene, who) => {
    const things = await thingsOf(scene)
    const faults: string[] = []
    for (const side of ['a', 'b'] as const) {
      faults.push(...hiddenFrom(who, side, await scene.call(who, side, ask(things[otherOf(side)]))))
      faults.push(...shownTo(who, side, await scene.call(who, side, ask(things[side]))))
    }
    return faults
  },
})

/** One's own is done, or the page says why not; the other side's is not there. */
const done = (ask: (thing: CareThing) => Ask): Row => ({
  kind: 'told',
  check: async (scene, who) => {
    const things = await thingsOf(scene)
    const faults: string[] = []
    for (const side of ['a', 'b'] as const) {
      faults.push(...hiddenFrom(who, side, await scene.call(who, side, ask(things[otherOf(side)]))))
      const { status, text } = await scene.call(who, side, ask(things[side]))
      if (status !== 200 && status !== 303) faults.push(`${side} got ${status} for its own: ${text.slice(0, 200)}`)
    }
    return faults
  },
})

/** A list of what is one's own. */
const list = (path: string): Row => ({ kind: 'list', ask: () => ({ path }) })
const appointment = (act: string, form: Readonly<Record<string, string>> = {}): Row =>
  done((thing) => ({ path: `/rendez-vous/${thing.appointment}/${act}`, form }))

/** Rows of these pages. */
export const CARE_PAGES: Readonly<Record<string, Row>> = {
  'GET /demandes': list('/demandes'),
  'GET /demandes/:service': seen(({ establishment }) => ({ path: `/demandes/stroke?site=${establishment}` })),
  'POST /demandes/:service': seen(({ establishment }) => ({ path: '/demandes/stroke', form: { site: establishment } })),
  'POST /demandes/heure': {
    kind: 'told',
    check: async ({ call }, who) => {
      const { status, text } = await call(who, 'a', { path: '/demandes/heure', form: { day: 'today', hour: '0:01' } })
      return status === 200 && text.includes('0') ? [] : [`a got ${status}: ${text}`]
    },
  },
  'GET /garde': list('/garde'),
  'GET /garde/tableau': seen(({ establishment }) => ({
    path: `/garde/tableau?service=${SERVICE}&centre=${establishment}`,
  })),
  'POST /garde/tableau': seen(({ establishment }) => ({
    path: '/garde/tableau',
    form: { service: SERVICE, centre: establishment, act: 'more' },
  })),
  'GET /garde/:id': seen(({ duty }) => ({ path: `/garde/${duty}` })),
  'POST /garde/:id/test': done(({ duty }) => ({ path: `/garde/${duty}/test`, form: {} })),
  'POST /garde/:id/prise': done(({ duty }) => ({ path: `/garde/${duty}/prise`, form: { sound: 'yes' } })),
  'POST /garde/:id/releve': {
    kind: 'told',
    check: async (scene, who) => {
      const { a, b } = await thingsOf(scene)
      const ask = ({ duty }: CareThing): Ask => ({ path: `/garde/${duty}/releve`, form: { to: duty } })
      // Nobody comes after: that is said of one's own alone.
      const own = (await scene.call(who, 'a', ask(a))).status
      return [
        ...(own === 400 ? [] : [`a got ${own} for its own`]),
        ...hiddenFrom(who, 'a', await scene.call(who, 'a', ask(b))),
      ]
    },
  },
  'GET /rendez-vous': list(`/rendez-vous?service=${SERVICE}`),
  'GET /rendez-vous/:id': seen((thing) => ({ path: `/rendez-vous/${thing.appointment}` })),
  'GET /rendez-vous/dossiers/:id': seen((thing) => ({ path: `/rendez-vous/dossiers/${thing.case}` })),
  'POST /rendez-vous/reserver': done((thing) => ({
    path: '/rendez-vous/reserver',
    form: { case: thing.case, slot: thing.slot },
  })),
  'POST /rendez-vous/:id/deplacer': appointment('deplacer'),
  'POST /rendez-vous/:id/arrivee': appointment('arrivee', { role: 'patient' }),
  'POST /rendez-vous/:id/tenu': appointment('tenu'),
  'POST /rendez-vous/:id/absent': appointment('absent'),
  'POST /rendez-vous/:id/annuler': appointment('annuler', { reason: 'other' }),
  'POST /rendez-vous/:id/seance': appointment('seance'),
  'POST /rendez-vous/creneaux': done(({ establishment }) => ({
    path: '/rendez-vous/creneaux',
    form: { service: SERVICE, centre: establishment },
  })),
  'POST /rendez-vous/creneaux/retrait': done(({ slot }) => ({
    path: '/rendez-vous/creneaux/retrait',
    form: { slot, service: SERVICE },
  })),
  'GET /procedure-degradee': list('/procedure-degradee'),
  'GET /procedure-degradee/:site/nuit': seen(({ establishment }) => ({
    path: `/procedure-degradee/${establishment}/nuit`,
  })),
  'GET /procedure-degradee/:site': seen(({ establishment }) => ({ path: `/procedure-degradee/${establishment}` })),
}
