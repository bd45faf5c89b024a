import { beforeAll, describe, expect, test } from 'vitest'
import { readyDefinitions } from '../../../src/app/fhir-definitions.ts'
import { type Act, CASE_STATES, type Case, type CaseState } from '../../../src/core/cases.ts'
import { CASE_STATE, TASK_STATUS, type TaskContext, taskOf } from '../../../src/formats/case/task.ts'
import { taskActs } from '../../../src/formats/case/task-acts.ts'
import { CASE_PARTS } from '../../../src/formats/case/task-parts.ts'
import { copyOf, type JsonObject } from '../../../src/formats/fhir/json.ts'
import { jsonPatch } from '../../../src/formats/fhir/patch.ts'
import { type FhirDefinitions, validateResource } from '../../../src/formats/fhir/validate/validate.ts'
import { caseOf, EXPERT } from './case.ts'
import { AT_MS } from './facts.ts'
import { SERVICE } from './service.ts'

const CONTEXT: TaskContext = {
  service: SERVICE,
  structure: (id) => ({ name: id.toUpperCase(), finess: id === 'chu-angers' ? '490000031' : '539990028' }),
  request: null,
  reason: null,
}
const FULL: Partial<Case> = {
  state: 'decided',
  owner: { establishment: 'chu-angers', expert: EXPERT, atMs: AT_MS + 60_000 },
  nihss: { items: {}, total: 14, differs: false },
  biology: { codes: ['6301-6'], atMs: AT_MS },
  studies: [
    { uid: '1.2.3', accession: null, expected: 200, modality: 'CT', received: 12, held: 0, changedAtMs: AT_MS },
  ],
  advice: { text: 'Occlusion M1.', by: EXPERT, atMs: AT_MS + 120_000, readAtMs: AT_MS + 180_000 },
  decision: { id: 'transfer', text: '', atMs: AT_MS + 240_000 },
}

let definitions: FhirDefinitions
beforeAll(async () => {
  definitions = await readyDefinitions([new URL('../../../profiles', import.meta.url).pathname])
})

describe('a case as a Task', () => {
  test.each(CASE_STATES)('%s meets its profile', (state) => {
    const reason = state === 'refused' || state === 'cancelled' ? 'Pas de place' : null
    const task = taskOf(caseOf({ ...FULL, state }), { ...CONTEXT, reason })
    const issues = validateResource(task, definitions)
    expect(issues.map(({ rule, expression }) => [rule, expression])).toEqual([])
    expect(task['status']).toBe(TASK_STATUS[state])
  })

  test('images of which one study has no number told are counted of an unknown sum', () => {
    const known = FULL.studies![0]!
    const studies = [known, { ...known, uid: '1.2.4', expected: null, received: 300 }]
    const { businessStatus, output } = taskOf(caseOf({ ...FULL, studies }), CONTEXT) as never as {
      businessStatus: { text: string }
      output: { valueRatio?: object }[]
    }
    expect(businessStatus.text).toContain('images 312/?')
    expect(output.find((one) => 'valueRatio' in one)?.valueRatio).toEqual({ numerator: { value: 312 } })
  })

  test('it tells where the case stands, who has it, until when, and what came of it', () => {
    const task = taskOf(caseOf(FULL), CONTEXT)
    expect(task).toMatchObject({
      meta: {
        profile: ['https://passerelle.example/fhir/StructureDefinition/case-task'],
        security: [{ code: 'HTEST' }],
      },
      identifier: [{ value: 'AVC-261123-0001' }, { type: { coding: [{ code: 'PLAC' }] }, value: 'AVC-0001' }],
      priority: 'stat',
      businessStatus: {
        coding: [{ system: CASE_STATE, code: 'decided' }],
        text: 'Décision enregistrée · images 12/200 · biologie',
      },
      focus: { type: 'ServiceRequest', identifier: { value: 'AVC-0001' } },
      for: { reference: '#patient', identifier: { system: 'urn:oid:1.2.250.1.71.4.2.2.1539990028' } },
      owner: { identifier: { value: '490000031' }, display: 'DURAND (FICTIF) Paul, CHU-ANGERS' },
      requester: { identifier: { value: '539990028' }, display: 'MARTIN (FICTIF) Claire, CH-HAUT-ANJOU' },
      // 4 h 30 from the onset that was told.
      restriction: { period: { start: '2026-11-23T09:15:00.000Z', end: '2026-11-23T12:35:00.000Z' } },
    })
    const outputs = (task['output'] as JsonObject[]).map(({ type, ...value }) => [
      (type as { coding: { code: string }[] }).coding[0]!.code,
      value,
    ])
    expect(outputs).toEqual([
      ['images', { valueRatio: { numerator: { value: 12 }, denominator: { value: 200 } } }],
      ['biology', { valueDateTime: '2026-11-23T09:15:00.000Z' }],
      ['advice', { valueString: 'Occlusion M1.' }],
      ['advice-read', { valueDateTime: '2026-11-23T09:18:00.000Z' }],
      [
        'decision',
        {
          valueCodeableConcept: {
            coding: [{ system: `${CASE_PARTS}/decision`, code: 'transfer', display: 'Transfert' }],
            text: 'Transfert',
          },
        },
      ],
    ])
  })

  test('before anybody accepts the owner is the centre that is asked, and a drill says so', () => {
    const task = taskOf(caseOf({ drill: true }), { ...CONTEXT, request: 's1' })
    expect(task).toMatchObject({
      meta: { tag: [{ code: 'drill' }] },
      owner: { display: 'CHU-ANGERS' },
      focus: { reference: 'ServiceRequest/s1' },
      businessStatus: { text: 'EXERCICE Demandé' },
    })
    expect(task['output']).toBeUndefined()
  })
})

const business = (code: string): JsonObject => ({ coding: [{ system: CASE_STATE, code }] })
const part = (code: string, value: object): JsonObject => ({
  type: { coding: [{ system: CASE_PARTS, code }] },
  ...(value as JsonObject),
})

describe('acts by a changed Task', () => {
  const before = taskOf(caseOf(), CONTEXT)
  const decision = part('decision', {
    valueCodeableConcept: { coding: [{ system: `${CASE_PARTS}/decision`, code: 'transfer' }], text: 'vers Nantes' },
  })

  test.each<[name: string, change: JsonObject, acts: readonly Act[] | string]>([
    ['nothing changed', {}, []],
    ['received', { status: 'received' }, [{ what: 'see' }]],
    ['accepted', { status: 'accepted' }, [{ what: 'accept' }]],
    ['in progress at once', { status: 'in-progress' }, [{ what: 'accept' }]],
    [
      'rejected with a reason',
      { status: 'rejected', statusReason: { text: 'Scanner en panne' } },
      [{ what: 'refuse', reason: 'Scanner en panne' }],
    ],
    ['rejected without', { status: 'rejected' }, 'Task.statusReason'],
    [
      'cancelled',
      { status: 'cancelled', statusReason: { coding: [{ code: 'erreur' }] } },
      [{ what: 'cancel', reason: 'erreur' }],
    ],
    ['completed', { status: 'completed' }, [{ what: 'finish' }]],
    ['on hold is no state of a case', { status: 'on-hold' }, 'Task.status'],
    ['by the state', { businessStatus: business('seen') }, [{ what: 'see' }]],
    ['state and status together', { status: 'accepted', businessStatus: business('accepted') }, [{ what: 'accept' }]],
    ['state and status that contradict', { status: 'completed', businessStatus: business('seen') }, 'Task.status'],
    ['a state that is none', { businessStatus: business('eligible') }, 'Task.businessStatus'],
    ['an appointment is moved by its own resource', { businessStatus: business('planned') }, 'Task.businessStatus'],
    ['advice read', { businessStatus: business('advice-read') }, [{ what: 'read-advice' }]],
    [
      'advice',
      { output: [part('advice', { valueString: 'Occlusion M1.' })] },
      [{ what: 'advise', text: 'Occlusion M1.', coded: [] }],
    ],
    ['a decision', { output: [decision] }, [{ what: 'decide', decision: 'transfer', text: 'vers Nantes' }]],
    ['decided without a decision', { businessStatus: business('decided') }, 'Task.output'],
    [
      'reached by telephone',
      { output: [part('reached', { valueString: 'Dr Durand' })] },
      [{ what: 'reached', whom: 'Dr Durand', atMs: AT_MS }],
    ],
    [
      'accepted with advice and done, in that order',
      { status: 'completed', output: [part('advice', { valueString: 'A' })] },
      [{ what: 'advise', text: 'A', coded: [] }, { what: 'finish' }],
    ],
    ['images are counted by the gateway', { output: [part('images', { valueString: '3/3' })] }, 'Task.output'],
    ['another patient', { for: { reference: 'Patient/other' } }, 'Task.for'],
    ['another order', { focus: { reference: 'ServiceRequest/other' } }, 'Task.focus'],
  ])('%s', (_, change, acts) => {
    const read = taskActs(before, { ...before, ...change }, AT_MS)
    expect(read.ok ? read.acts : read.at).toEqual(acts)
  })

  test('members in another order are no change, nor is what the caller left as it was', () => {
    const full = taskOf(caseOf(FULL), CONTEXT)
    const turned = Object.fromEntries(Object.entries(copyOf(full) as JsonObject).reverse())
    expect(taskActs(full, turned, AT_MS)).toEqual({ ok: true, acts: [] })
  })

  test('advice that is given anew is advice again; what is taken away stays', () => {
    const full = taskOf(caseOf(FULL), CONTEXT)
    const outputs = full['output'] as JsonObject[]
    const anew = outputs.map((one) =>
      one['valueString'] === undefined ? one : part('advice', { valueString: 'Revu' }),
    )
    expect(taskActs(full, { ...full, output: anew }, AT_MS)).toEqual({
      ok: true,
      acts: [{ what: 'advise', text: 'Revu', coded: [] }],
    })
    expect(taskActs(full, { ...full, output: outputs.slice(1) }, AT_MS)).toEqual({ ok: false, at: 'Task.output' })
  })

  test.each<[patch: JsonObject[], state: CaseState, acts: Act[]]>([
    [[{ op: 'replace', path: '/status', value: 'accepted' }], 'seen', [{ what: 'accept' }]],
    [
      [{ op: 'add', path: '/output', value: [part('advice', { valueString: 'A' })] }],
      'accepted',
      [{ what: 'advise', text: 'A', coded: [] }],
    ],
  ])('request, Task, patch, act: %j', (patch, state, acts) => {
    const task = taskOf(caseOf({ state }), CONTEXT)
    const patched = jsonPatch(task, patch)
    expect(patched.ok && taskActs(task, patched.resource, AT_MS)).toEqual({ ok: true, acts })
  })
})
