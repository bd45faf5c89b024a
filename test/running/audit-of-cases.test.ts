import { expect, test } from 'vitest'
import { until } from '../support/world/until.ts'
import { careWorld, page } from './care-world.ts'
import type { World } from './gateway.ts'

const ASKER = 'requester-ch-laval'
const EXPERT = 'expert-chu-angers'
/** The patient of the case, as a report asks for them: by the site's number, or by that of another authority. */
const NUMBERS = ['CHL|470', '1.2.3.4|X9'] as const

/** Calls the API as somebody; the answer must be good. */
async function api<Answer>(world: World, key: string, path: string, body: object | null = null): Promise<Answer> {
  const answer = await fetch(world.url() + path, {
    method: body === null ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, ...(body !== null && { 'content-type': 'application/json' }) },
    ...(body !== null && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} got ${answer.status}: ${text}`)
  return JSON.parse(text) as Answer
}

/** Events as the API tells them. */
interface Told {
  readonly events: readonly { readonly who: string; readonly what: string; readonly sentence: string }[]
}

/** A request of the hospital for a patient with two numbers. Gives the id of its case. */
async function asked(world: World): Promise<string> {
  const patient = {
    identifiers: [
      { authority: 'CHL', value: '470', type: 'PI' },
      { authority: 'urn:oid:1.2.3.4', value: 'X9', type: null },
    ],
    ...{ family: 'MARTIN (FICTIF)', given: 'JEANNE', birthDate: '1940-01-02', sex: 'female' },
  }
  const request = { service: 'stroke', callBack: '0199005001', patient, reason: 'Hémiplégie' }
  return (await api<{ id: string }>(world, ASKER, '/api/cases', { request, as: 'ch-laval' })).id
}

/** A document of the case, from the hospital. Gives its id. */
async function attached(world: World, id: string): Promise<string> {
  const bytes = Buffer.from('%PDF-1.4\n%%EOF\n')
  const upload = await api<{ id: string }>(world, ASKER, '/api/cases/uploads', {
    ...{ bytes: bytes.length, type: 'application/pdf', case: id },
  })
  const answer = await fetch(`${world.url()}/api/cases/uploads/${upload.id}`, {
    method: 'PATCH',
    headers: {
      ...{ authorization: `Bearer ${ASKER}`, 'upload-offset': '0' },
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes,
  })
  return ((await answer.json()) as { attachment: string }).attachment
}

const WAYS: readonly (readonly [name: string, look: (world: World, id: string) => Promise<unknown>])[] = [
  ['GET /dossiers/:id', (world, id) => page(world, EXPERT, `/dossiers/${id}`)],
  ['GET /dossiers/:id/synthese', (world, id) => page(world, EXPERT, `/dossiers/${id}/synthese`)],
  ['GET /api/cases/:id', (world, id) => api(world, EXPERT, `/api/cases/${id}`)],
  ['GET /api/cases/:id/notices', (world, id) => api(world, EXPERT, `/api/cases/${id}/notices`)],
  ['GET /api/cases/:id/attachments', (world, id) => api(world, EXPERT, `/api/cases/${id}/attachments`)],
  ['POST /api/cases/:id/acts', (world, id) => api(world, EXPERT, `/api/cases/${id}/acts`, { act: { what: 'see' } })],
  [
    'GET /api/cases/attachments/:id',
    async (world, id) => page(world, EXPERT, `/api/cases/attachments/${await attached(world, id)}`),
  ],
]

test.each(WAYS)(
  'whoever saw a case by %s is in the report of its patient, by any of their numbers',
  async (way, look) => {
    const world = await careWorld()
    await look(world, await asked(world))
    const seen = async (number: string) => {
      const ask = { patients: [number], reason: 'demande du patient' }
      return (await api<Told>(world, 'dpo', '/api/audit/report', ask)).events.filter(({ what }) => what === 'read-case')
    }
    // The audit is a second behind.
    await until('the look is in the audit', async () => {
      const { events } = await api<Told>(world, 'dpo', '/api/audit/search', { what: ['read-case'] })
      return events.some(({ who }) => who === EXPERT)
    })
    for (const number of NUMBERS) {
      const events = await seen(number)
      // Newest first: whoever asked was shown the case that it became.
      expect(events.map(({ who }) => who)).toEqual([EXPERT, ASKER])
      expect(events[0]!.sentence).toContain(way)
    }
  },
)
