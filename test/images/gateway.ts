import { createHash } from 'node:crypto'
import { OPERATOR_KEY } from '../support/world/region.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from '../support/world/world.ts'
import { MARTIN } from './cases.ts'

const KEYS = { requester: 'proof-requester', expert: 'proof-expert' } as const
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** How far a study of a case is. */
export interface Far {
  readonly uid: string
  readonly received: number
  readonly expected: number | null
  readonly held: number
}

/** The real process between two archives, with one requester and one expert. */
export interface ImagesWorld extends World {
  /** Asks with this study, and accepts for the centre; the id of the case. */
  ask(uid: string): Promise<string>
  /** The requester takes it back: the next request is a case of its own. */
  cancel(id: string): Promise<void>
  far(id: string): Promise<Far | null>
  /** Resolves once so many instances are received. */
  received(id: string, count: number, withinMs?: number, everyMs?: number): Promise<void>
}

/** A region of one site and one centre, whose archives are these. */
export async function imagesWorld(site: string, centre: string): Promise<ImagesWorld> {
  const person = (name: keyof typeof KEYS, establishment: string) => ({
    name,
    role: name,
    keySha256: sha256(KEYS[name]),
    establishments: [establishment],
  })
  const archive = (url: string) => ({ pacs: { type: 'dicomweb', url, timeout: '20 s' } })
  const world = await makeWorld({
    sources: ['CH-LAVAL', 'CHU-NANTES'],
    destinations: {},
    routes: [],
    establishments: {
      'ch-laval': { destinations: archive(site) },
      'chu-nantes': { kind: 'university-hospital', destinations: archive(centre) },
    },
    top: {
      operators: [
        { name: 'proof', role: 'admin', keySha256: sha256(OPERATOR_KEY) },
        person('requester', 'ch-laval'),
        person('expert', 'chu-nantes'),
      ],
      telemedicine: { services: { stroke: { ladders: { answer: { centres: { '*': ['chu-nantes'] } } } } } },
    },
  })
  const call = async (who: keyof typeof KEYS, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${world.httpPort}${path}`, {
      headers: { authorization: `Bearer ${KEYS[who]}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return await answer.json()
  }
  const far = async (id: string): Promise<Far | null> => {
    const { studies } = (await call('expert', `/api/cases/${id}`)) as { readonly studies: readonly Far[] }
    return studies[0] ?? null
  }
  return {
    ...world,
    far,
    async ask(uid) {
      const { status: _status, ...patient } = MARTIN
      const study = { uid, accession: null, expected: null, modality: 'CT' }
      const request = { service: 'stroke', callBack: '02 61 91 00 01', patient, reason: 'hémiplégie', studies: [study] }
      const { id } = (await call('requester', '/api/cases', { request })) as { readonly id: string }
      await call('expert', `/api/cases/${id}/acts`, { act: { what: 'accept' } })
      return id
    },
    async cancel(id) {
      await call('requester', `/api/cases/${id}/acts`, { act: { what: 'cancel', reason: 'over' } })
    },
    async received(id, count, withinMs = 60_000, everyMs = 20) {
      await until(`${count} images are received`, async () => (await far(id))?.received === count, {
        withinMs,
        everyMs,
      })
    },
  }
}
