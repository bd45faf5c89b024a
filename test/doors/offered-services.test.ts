import { expect, test } from 'vitest'
import type { CareService } from '../../src/core/services.ts'
import { capabilityStatement } from '../../src/entrances/fhir/capability.ts'

test('the services of telemedicine that are offered are told at the requests, with the code that opens a case', () => {
  const code = { system: 'urn:s', code: 'x', display: 'X' }
  const one = { title: { fr: 'Essai', en: 'Trial' }, code, opens: ['ServiceRequest'] } as unknown as CareService
  const of = (services: readonly CareService[]) => {
    const about = { origin: 'http://h', base: 'http://h/fhir', version: '1', profiles: [] }
    const { rest } = capabilityStatement({ ...about, services }) as {
      rest: { resource: { type: string; documentation?: string }[] }[]
    }
    return rest[0]!.resource.flatMap(({ type, documentation }) => (documentation ? [`${type}: ${documentation}`] : []))
  }
  expect(of([])).toEqual([])
  expect(of([one])).toEqual([expect.stringMatching(/^ServiceRequest: .*\n\n- Essai \(Trial\): `urn:s\|x`$/s)])
})
