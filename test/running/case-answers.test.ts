import { expect, test } from 'vitest'
import { sha256 } from '../console/region.ts'
import { careWorld } from './care-world.ts'
import type { World } from './gateway.ts'

const person = (name: string, units: readonly string[]) => ({
  ...{ name, role: 'requester', keySha256: sha256(name), establishments: ['ch-laval'], units },
})
const STROKE = { imagingUnits: ['RADIO'], ladders: { answer: { centres: { '*': ['chu-angers'] } } } }

async function post(world: World, key: string, path: string, body: object) {
  const answer = await fetch(world.url() + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, text: await answer.text() }
}

test.each<[act: object]>([
  [{ what: 'write', text: 'Scanner libre' }],
  [{ what: 'images-sent' }],
  [{ what: 'study', study: { uid: '1.2.3', accession: null, expected: 2, modality: 'CT' } }],
])('the answer to an act of imaging (%j) is the case as imaging sees it, without a clinical word', async (act) => {
  const operators = [person('urgences', ['URG']), person('radio', ['RADIO'])]
  const world = await careWorld({ operators, telemedicine: { services: { stroke: STROKE } } })
  const patient = { identifiers: [], family: 'MARTIN (FICTIF)', given: 'JEANNE', birthDate: null, sex: 'female' }
  const request = { service: 'stroke', unit: 'URG', callBack: '0199005001', patient, reason: 'Aphasie brutale' }
  const made = await post(world, 'urgences', '/api/cases', { request })
  const { id, number } = JSON.parse(made.text)
  expect(made.text).toContain('Aphasie')
  // Twice: what is so already is answered as well.
  for (let n = 0; n < 2; n++) {
    const done = await post(world, 'radio', `/api/cases/${id}/acts`, { act })
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining(number) })
    expect(done.text).not.toContain('Aphasie')
  }
})
