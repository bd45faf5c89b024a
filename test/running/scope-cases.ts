import { dicomFile } from '../support/peers/dicom-file.ts'
import { until } from '../support/world/until.ts'
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
    const request = { service: 'stroke', callBack: '0199005001', patient: patientOf(side), reason: markOf(side) }
    return idOf(await call('requester', side, { path: '/api/cases', json: { request } }))
  }
  return { a: await ask('a'), b: await ask('b') }
}

const patientOf = (side: Side) => ({
  ...{ identifiers: [], family: 'ESSAI (FICTIF)', given: side, birthDate: null, sex: 'unknown' },
})

/** Id of the case that was asked for. */
function idOf({ status, text }: Told): string {
  if (status !== 201) throw new Error(`${status}: ${text}`)
  return JSON.parse(text).id
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

/**
 * Images of one study that both send, and that a case of each names: each is told of its own instances, and they come to the
 * case of its own side alone. */
export const ownImages =
  (path: string) =>
  async ({ call }: Scene, who: Who): Promise<string[]> => {
    const study = path.split('/')[3] ?? '1.2.3.5'
    // The case of `a` is the first that is looked at, and nothing of its own has come when `b` sends.
    const [a, b] = [await askOf(call, 'a', study), await askOf(call, 'b', study)]
    const uids = { a: [`${study}.1.1`], b: [2, 3, 4].map((n) => `${study}.1.${n}`) }
    const send = async (side: Side): Promise<string[]> => {
      const files = uids[side].map((uid, n) => dicomFile({ study, series: `${study}.1`, uid, number: n + 1 }))
      const head = Buffer.from('\r\n--b\r\nContent-Type: application/dicom\r\n\r\n')
      const text = Buffer.concat([...files.flatMap((file) => [head, file]), Buffer.from('\r\n--b--\r\n')])
      const told = await call(who, side, { path, text, headers: { 'content-type': IMAGES } })
      return [
        ...(told.status === 200 && uids[side].every((uid) => told.text.includes(uid))
          ? []
          : [`${side} got ${told.status}: ${told.text}`]),
        ...(uids[otherOf(side)].some((uid) => told.text.includes(uid)) ? [`${side} is told of the other side's`] : []),
      ]
    }
    const countOf = async (side: Side, id: string): Promise<number | null> => {
      const told = JSON.parse((await call(who, side, { path: `/api/cases/${id}` })).text)
      return told.studies.find((one: { uid: string }) => one.uid === study)?.expected ?? null
    }
    const landed = (side: Side, id: string): Promise<string[]> =>
      until(`images of ${side}`, async () => (await countOf(side, id)) === uids[side].length, { withinMs: 5_000 }).then(
        () => [],
        () => [`images that ${side} sent did not come to its case`],
      )
    const faults = [...(await send('b')), ...(await landed('b', b))]
    if ((await countOf('a', a)) !== null) faults.push('images that b sent came to the case of a')
    faults.push(...(await send('a')), ...(await landed('a', a)))
    if ((await countOf('b', b)) !== uids.b.length) faults.push('images that a sent came to the case of b')
    return faults
  }

/** A case of a side that names a study. */
async function askOf(call: Scene['call'], side: Side, uid: string): Promise<string> {
  const study = { uid, accession: null, expected: null, modality: 'CT' }
  const of = { callBack: '0199005001', patient: patientOf(side), studies: [study] }
  const request = { service: 'stroke', reason: markOf(side), ...of }
  return idOf(await call('requester', side, { path: '/api/cases', json: { request } }))
}

const IMAGES = 'multipart/related; type="application/dicom"; boundary=b'
