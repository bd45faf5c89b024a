import { dicomFile } from '../support/peers/dicom-file.ts'
import { hiddenFrom, shownTo } from './scope-persons.ts'
import { type Ask, markOf, otherOf, type Scene, type Side, type Told, type Who } from './scope-world.ts'

const made = new WeakMap<Scene, Promise<Readonly<Record<Side, string>>>>()

/** A case that each side asked for, by its id. */
export function casesOf(scene: Scene): Promise<Readonly<Record<Side, string>>> {
  const known = made.get(scene) ?? askBoth(scene)
  made.set(scene, known)
  return known
}

async function askBoth({ call }: Scene): Promise<Readonly<Record<Side, string>>> {
  const ask = async (side: Side): Promise<string> => {
    const patient = { identifiers: [], family: 'ESSAI (FICTIF)', given: side, birthDate: null, sex: 'unknown' }
    const request = { service: 'stroke', callBack: '0199005001', patient, reason: markOf(side) }
    const told = await call('requester', side, { path: '/api/cases', json: { request } })
    if (told.status !== 201) throw new Error(`${told.status}: ${told.text}`)
    return JSON.parse(told.text).id
  }
  return { a: await ask('a'), b: await ask('b') }
}

type CheckCase = (
  told: (id: string) => Promise<Told>,
  id: string,
  other: string,
  who: Who,
  side: Side,
) => Promise<string[]>

const each =
  (check: CheckCase, ask: (id: string) => Ask) =>
  async (scene: Scene, who: Who): Promise<string[]> => {
    const cases = await casesOf(scene)
    const faults = (['a', 'b'] as const).map((side) =>
      check((id) => scene.call(who, side, ask(id)), cases[side], cases[otherOf(side)], who, side),
    )
    return (await Promise.all(faults)).flat()
  }

/** The list shows the cases of one's own side. */
export const ownList = each(
  async (told, id, _other, who, side) => shownTo(who, side, await told(id)),
  () => ({ path: '/dossiers' }),
)

/** One's own case is there; that of the other side is not. */
export const ownCase = each(
  async (told, id, other, who, side) => [
    ...shownTo(who, side, await told(id)),
    ...hiddenFrom(who, side, await told(other)),
  ],
  (id) => ({ path: `/dossiers/${id}` }),
)

/** What is printed of one's own case is there; of that of the other side nothing is. */
export const ownPrint = (page: string) =>
  each(
    async (told, id, other, who, side) => [
      ...shownTo(who, side, await told(id)),
      ...hiddenFrom(who, side, await told(other)),
    ],
    (id) => ({ path: `/dossiers/${id}/${page}` }),
  )

/** Measures are those of one's own cases: the other side's site is not named, by its id or its name. */
export async function ownMeasures(scene: Scene, who: Who, path: string): Promise<string[]> {
  const faults = await Promise.all(
    (['a', 'b'] as const).map(async (side) => {
      const { status, text } = await scene.call(who, side, { path })
      const names = (one: 'a' | 'b') => new RegExp(`(ch|only)-${one}\\b`, 'i').test(text)
      const own = status === 200 && names(side) ? [] : [`${side} got ${status} without its own: ${text.slice(0, 200)}`]
      return names(otherOf(side)) ? [...own, `${side} sees the other side`] : own
    }),
  )
  return faults.flat()
}

/** An act on one's own case is done; on that of the other side it is not there. */
export const ownAct = each(
  async (told, id, other, who, side) => {
    const { status, to } = await told(id)
    const own = status === 303 && to === `/dossiers/${id}` ? [] : [`${side} got ${status} for its own`]
    return [...own, ...hiddenFrom(who, side, await told(other))]
  },
  (id) => ({ path: `/dossiers/${id}/actes`, form: { acte: 'write', version: '1', text: 'tried' } }),
)

/** The address of a form that was sent leads to its case, and says of no case whether it is there. */
export const ledToCase = each(
  async (told, id) => {
    const { status, to } = await told(id)
    return status === 303 && to === `/dossiers/${id}` ? [] : [`got ${status}, led to ${to}`]
  },
  (id) => ({ path: `/dossiers/${id}/actes` }),
)

/** What is told live says nothing of the other side's, though something of it changes meanwhile. */
export const ownLive = async (scene: Scene, who: Who): Promise<string[]> => {
  const cases = await casesOf(scene)
  const told = await scene.call(who, 'a', { path: '/live/cases' })
  const foreign = told.text.includes(cases.b) ? ['a is told of the case of b'] : []
  return told.status === 200 ? foreign : [`a got ${told.status}`]
}

/** Images of one study that both send: each is told of its own instances. */
export const ownImages =
  (path: string) =>
  async ({ call }: Scene, who: Who): Promise<string[]> => {
    const study = path.split('/')[3] ?? '1.2.3.5'
    const uids = { a: `${study}.1.1`, b: `${study}.1.2` }
    const faults: string[] = []
    for (const side of ['a', 'b'] as const) {
      const file = dicomFile({ study, series: `${study}.1`, uid: uids[side], number: 1 })
      const head = '--b\r\nContent-Type: application/dicom\r\n\r\n'
      const text = Buffer.concat([Buffer.from(head), file, Buffer.from('\r\n--b--\r\n')])
      const told = await call(who, side, { path, text, headers: { 'content-type': IMAGES } })
      if (told.status !== 200 || !told.text.includes(uids[side]))
        faults.push(`${side} got ${told.status}: ${told.text}`)
      if (told.text.includes(uids[otherOf(side)])) faults.push(`${side} is told of the other side's`)
    }
    return faults
  }

const IMAGES = 'multipart/related; type="application/dicom"; boundary=b'
