/** Cases of telemedicine whose every free text is an attack on whoever looks at them. */
import type { World } from '../../running/gateway.ts'
import { attack } from './attacks.ts'

/** What the region says of telemedicine: one establishment asks the other. */
export const HOSTILE_CARE = {
  services: {
    stroke: { ladders: { answer: { centres: { '*': ['receiver'] } } } },
    'plaies-escarres': {
      askers: { establishments: ['sender'] },
      ladders: { answer: { centres: { '*': ['receiver'] } } },
    },
  },
}

const AT = '2026-11-26T10:00:00Z'
const word = (n: number): string => attack(n, 190)

function request(n: number): object {
  const person = {
    name: word(n + 1),
    rpps: word(n + 2),
    establishment: 'sender',
    role: 'requester',
    phone: word(n + 3),
  }
  return {
    service: 'stroke',
    site: 'sender',
    unit: word(n),
    callBack: word(n + 1),
    patient: {
      identifiers: [
        { authority: word(n + 2), value: word(n + 3), type: word(n + 4) },
        // A number that the site's archive is asked for.
        { authority: word(n + 5), value: word(n + 6), type: 'PI' },
      ],
      family: `${word(n + 5)} (FICTIF)`,
      given: word(n),
      birthDate: '1950-01-02',
      sex: 'female',
    },
    placer: { authority: word(n), value: word(n + 1) },
    reason: [0, 1, 2, 3, 4, 5, 6, 7].map(word).join('\n'),
    times: { onset: { at: AT, precision: 'hour', source: 'witness' } },
    answers: { anticoagulants: word(n + 3) },
    studies: [{ uid: `1.2.3.${n}`, accession: word(n + 2), expected: 12, modality: word(n + 3) }],
    treatingDoctor: person,
  }
}

const actsOf = (n: number): readonly (readonly [role: string, act: object])[] => [
  ['expert', { what: 'accept' }],
  ['requester', { what: 'write', text: word(n) }],
  ['expert', { what: 'reached', whom: word(n + 1) }],
  ['expert', { what: 'biology', codes: [], text: word(n + 2) }],
  ['expert', { what: 'consent', consent: { given: false, by: word(n + 3), at: AT, refusedWhy: word(n + 4) } }],
  ['expert', { what: 'advise', text: word(n + 5), coded: [] }],
  ['requester', { what: 'decide', decision: 'neither', text: word(n + 6) }],
]

type Made = { readonly id: string; readonly slots: readonly { readonly id: string }[] }

/** Calls the API as somebody in a role. @throws {Error} when it is refused */
async function called(
  world: World,
  role: string,
  path: string,
  body: object | null,
  method = body === null ? 'GET' : 'POST',
): Promise<Made> {
  const answer = await fetch(world.url() + path, {
    method,
    headers: { authorization: `Bearer demo-${role}`, ...(body !== null && { 'content-type': 'application/json' }) },
    ...(body !== null && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} got ${answer.status}: ${text}`)
  return JSON.parse(text)
}

/** Asks by the API: a case that is open, whatever became of those before. Gives its id. */
export async function hostileRequest(world: World, n = 0): Promise<string> {
  return (await called(world, 'requester', '/api/cases', { request: request(n), as: 'sender' })).id
}

/** Asks and moves cases by the API; each must be taken. */
export async function hostileCases(world: World): Promise<void> {
  const call = (role: string, path: string, body: object | null, method?: string): Promise<Made> =>
    called(world, role, path, body, method)
  for (const n of [0, 3, 6, 7]) {
    const id = await hostileRequest(world, n)
    // One waits; the others are under way.
    if (n === 0) continue
    for (const [role, act] of actsOf(n)) {
      const here = role === 'expert' ? 'receiver' : 'sender'
      await call(role, `/api/cases/${id}/acts`, { act, as: here })
    }
  }
  // Who is on duty, and an appointment.
  const iso = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString()
  const hours = { from: iso(-10), until: iso(1_440) }
  const duties = [1, 2].map((place) => ({
    place,
    person: attack(place),
    rpps: null,
    phone: '0199005001',
    mobile: null,
    ...hours,
  }))
  const service = 'plaies-escarres'
  await call('expert', '/api/duty', { service, centre: 'receiver', ...hours, duties }, 'PUT')
  const asked = { ...request(1), service, consent: { given: true, by: word(2), at: AT, refusedWhy: null } }
  const { id } = await call('requester', '/api/cases', { request: asked, as: 'sender' })
  const slots = [30, 90].map((minutes) => ({
    service,
    centre: 'receiver',
    start: iso(minutes),
    end: iso(minutes + 30),
  }))
  await call('expert', '/api/slots', { slots })
  const span = new URLSearchParams({ service, from: iso(0), to: iso(200) })
  const offered = await call('expert', `/api/slots?${span}`, null)
  await call('requester', '/api/appointments', { case: id, slot: offered.slots[0]?.id })
}
