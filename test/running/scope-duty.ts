import { casesOf } from './scope-cases.ts'
import { hiddenFrom, shownTo } from './scope-persons.ts'
import { type Ask, markOf, otherOf, type Scene, type Side, type Who } from './scope-world.ts'

const SIDES = ['a', 'b'] as const
const HOUR_MS = 3_600_000
const from = Date.now() - HOUR_MS
const HOURS = { from: new Date(from).toISOString(), until: new Date(from + 24 * HOUR_MS).toISOString() }

/** The rota of a side's own interventional neuroradiologists, which nobody of the other side is answered by. */
function save(side: Side): Ask {
  const duty = { ...HOURS, rpps: null, phone: '0261910001', mobile: null }
  const duties = [1, 2].map((place) => ({ ...duty, place, person: `Dr ${markOf(side)}` }))
  const json = { service: 'stroke.interventional', centre: `ch-${side}`, ...HOURS, duties }
  return { path: '/api/duty', method: 'PUT', json }
}

const made = new WeakMap<Scene, Promise<Readonly<Record<Side, string>>>>()

/** A duty of each side, by its id. */
function dutiesOf(scene: Scene): Promise<Readonly<Record<Side, string>>> {
  const known = made.get(scene) ?? saveBoth(scene)
  made.set(scene, known)
  return known
}

async function saveBoth({ call }: Scene): Promise<Readonly<Record<Side, string>>> {
  const put = async (side: Side): Promise<string> => {
    const saved = await call('expert', side, save(side))
    if (saved.status !== 200) throw new Error(`${saved.status}: ${saved.text}`)
    return JSON.parse((await call('expert', side, { path: '/api/duty/on' })).text).duties[0].id
  }
  return { a: await put('a'), b: await put('b') }
}

/** Both sides ask for all that there is, and are shown their own. */
const listed =
  (path: string) =>
  async (scene: Scene, who: Who): Promise<string[]> => {
    await dutiesOf(scene)
    return (
      await Promise.all(SIDES.map(async (side) => shownTo(who, side, await scene.call(who, side, { path }))))
    ).flat()
  }

/** What is one's own is answered, what is the other side's is not there. `marked`: the answer names its side. */
const one =
  (of: (scene: Scene) => Promise<Readonly<Record<Side, string>>>, ask: (id: string) => Ask, marked: boolean) =>
  async (scene: Scene, who: Who): Promise<string[]> => {
    const ids = await of(scene)
    const faults = SIDES.map(async (side) => {
      const own = await scene.call(who, side, ask(ids[side]))
      const shown = marked
        ? shownTo(who, side, own)
        : own.status === 200
          ? []
          : [`${side} got ${own.status} for its own`]
      return [...shown, ...hiddenFrom(who, side, await scene.call(who, side, ask(ids[otherOf(side)])))]
    })
    return (await Promise.all(faults)).flat()
  }

/** Rotas over some hours. */
export const ownRotas = listed(
  `/api/duty?from=${encodeURIComponent(HOURS.from)}&until=${encodeURIComponent(HOURS.until)}`,
)
/** Who is on duty. */
export const ownOnDuty = listed('/api/duty/on')
/** One duty. */
export const ownDuty = one(dutiesOf, (id) => ({ path: `/api/duty/${id}` }), true)
/** What is open at its end. */
export const ownOpen = one(dutiesOf, (id) => ({ path: `/api/duty/${id}/open` }), false)
/** Its test. */
export const ownTest = one(dutiesOf, (id) => ({ path: `/api/duty/${id}/test`, json: {} }), false)
/** "Je prends la garde". */
export const ownTaking = one(
  dutiesOf,
  (id) => ({ path: `/api/duty/${id}/take`, json: { sound: true, sms: null, voice: null } }),
  true,
)
/** What was told of a case. */
export const ownNotices = one(casesOf, (id) => ({ path: `/api/cases/${id}/notices` }), false)

/** One's own rota may be written, that of the other side may not. */
export async function ownSaving(scene: Scene, who: Who): Promise<string[]> {
  await dutiesOf(scene)
  const faults = SIDES.map(async (side) => {
    const own = await scene.call(who, side, save(side))
    const other = await scene.call(who, side, save(otherOf(side)))
    return own.status === 200 && other.status === 403 ? [] : [`${side} got ${own.status} and ${other.status}`]
  })
  return (await Promise.all(faults)).flat()
}
