/** Scope of those who are bound to one unit of their establishment. */
import { type CareThing, ofUnits, patientOf, SERVICE } from './scope-care.ts'
import { type Ask, type Scene, UNIT } from './scope-world.ts'

const DAYS = 400 * 86_400_000
const SPAN = new URLSearchParams({
  service: SERVICE,
  from: new Date(Date.now() - DAYS).toISOString(),
  to: new Date(Date.now() + DAYS).toISOString(),
})

const ASKS: readonly ((thing: CareThing) => Ask)[] = [
  (thing) => ({ path: `/api/cases/${thing.case}` }),
  (thing) => ({ path: `/dossiers/${thing.case}` }),
  (thing) => ({ path: `/api/cases/attachments/${thing.attachment}` }),
  (thing) => ({ path: `/api/cases/${thing.case}/acts`, json: { act: { what: 'write', text: 'tried' } } }),
  (thing) => ({ path: `/api/appointments/${thing.appointment}` }),
  (thing) => ({ path: `/rendez-vous/${thing.appointment}` }),
  (thing) => ({ path: `/rendez-vous/dossiers/${thing.case}` }),
  (thing) => ({ path: `/api/appointments/cases/${thing.case}` }),
  (thing) => ({ path: `/api/appointments/${thing.appointment}/arrive`, json: { role: 'patient' } }),
]
const LISTS: readonly (readonly [path: string, of: (thing: CareThing) => string])[] = [
  ['/api/cases', (thing) => thing.case],
  ['/dossiers', (thing) => thing.case],
  [`/api/appointments?${SPAN}`, (thing) => thing.appointment],
]

/** What is wrong with what somebody who asks in one unit is shown and may do: what is of the unit, and nothing of another. */
export async function faultsOfUnits(scene: Scene): Promise<readonly string[]> {
  const [own, other] = await ofUnits(scene)
  const faults: string[] = []
  const call = (ask: Ask) => scene.call('requester', 'unit', ask)
  for (const ask of ASKS) {
    const [mine, theirs] = [await call(ask(own)), await call(ask(other))]
    if (mine.status >= 300 || theirs.status !== 404)
      faults.push(`${ask(own).path} of the unit: ${mine.status}, of another: ${theirs.status}`)
  }
  for (const [path, of] of LISTS) {
    const { text } = await call({ path })
    const shown = [own, other].map((thing) => text.includes(of(thing)))
    if (!shown[0] || shown[1]) faults.push(`${path} shows ${shown} of the unit and of another`)
  }
  for (const [unit, status] of [
    [UNIT, 201],
    ['U1', 403],
  ] as const) {
    const request = { service: SERVICE, unit, callBack: null, patient: patientOf('a'), reason: 'tried' }
    const told = await call({ path: '/api/cases', json: { request } })
    if (told.status !== status) faults.push(`a request of ${unit} got ${told.status}`)
  }
  return faults
}
