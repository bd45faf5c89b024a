import { beforeAll, describe, expect, test } from 'vitest'
import { readyDefinitions } from '../../../src/app/fhir-definitions.ts'
import type { Case } from '../../../src/core/cases.ts'
import { toHl7 } from '../../../src/formats/bridge/bridge.ts'
import { type ToldAct, writeAnswer } from '../../../src/formats/case/answer-hl7.ts'
import { readFhirCase } from '../../../src/formats/case/fhir.ts'
import { readHl7Case } from '../../../src/formats/case/hl7.ts'
import { requestResource } from '../../../src/formats/case/request-fhir.ts'
import { CASE_PARTS } from '../../../src/formats/case/task-parts.ts'
import { type FhirDefinitions, validateResource } from '../../../src/formats/fhir/validate/validate.ts'
import { CONTEXT } from '../bridge/conversions.ts'
import { messageFrom } from '../messages.ts'
import { caseOf } from './case.ts'
import { example, FACTS } from './facts.ts'
import { SERVICE } from './service.ts'

const ORIGINAL = example('stroke-request.hl7')

function answered(form: 'orr' | 'oru', act: ToldAct, change: Partial<Case> = {}, original = true): string[] {
  const one = caseOf(change)
  const written = writeAnswer({
    form,
    case: one,
    act,
    by: 'DURAND (FICTIF) Paul',
    request: one.requests[0]!,
    original: original ? messageFrom(ORIGINAL) : null,
    controlId: original ? 'STROKE-0001' : null,
    code: SERVICE.code,
    context: { ...CONTEXT, sender: CONTEXT.receiver, receiver: CONTEXT.sender },
  })
  if (!written.ok) throw new Error(written.at)
  return written.bytes.toString('utf8').split('\r').slice(0, -1)
}

const field = (lines: readonly string[], name: string, n: number): string =>
  lines.find((line) => line.startsWith(`${name}|`))?.split('|')[n] ?? ''

describe('what becomes of a request, in HL7 v2', () => {
  test('an acceptance by ORR^O02: the order and the patient as the request wrote them', () => {
    expect(answered('orr', { what: 'accept' })).toEqual([
      expect.stringMatching(
        /^MSH\|\^~\\&\|dpi\|CHU-ANGERS\^490000031\^M\|PASSERELLE\|CH-HAUT-ANJOU\^539990028\^M\|20261123094500\+0100\|\|ORR\^O02\^ORR_O02\|[0-9A-Z]{20}\|T\|2\.5\|\|\|\|\|FRA\|UNICODE UTF-8$/,
      ),
      'MSA|AA|STROKE-0001',
      'PID|||300101^^^CH-HAUT-ANJOU&539990028&M^PI~254035313000022^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS||LEROUX (FICTIF)^SUZANNE^^^^^L||19540312|F||||||||||||||||||||||||VALI',
      'ORC|OK|AVC-0001^CH-HAUT-ANJOU|AVC-261123-0001^dpi||IP||||20261123094500+0100',
      "OBR|1|AVC-0001^CH-HAUT-ANJOU|AVC-261123-0001^dpi|75496-0^Demande d'acte de télémédecine^LN||||||||||||||||||20261123094500+0100",
      'NTE|1||Demande acceptée : DURAND (FICTIF) Paul',
    ])
  })

  test('advice by ORU^R01, a line each', () => {
    const lines = answered('oru', { what: 'advise', text: 'Occlusion M1 | gauche\nTransfert décrit', coded: [] })
    expect([field(lines, 'ORC', 1), field(lines, 'OBR', 25)]).toEqual(['RE', 'F'])
    expect(lines.at(-1)).toBe(
      "OBX|1|TX|AVIS^Avis de l'expert^PASSERELLE||Occlusion M1 \\F\\ gauche~Transfert décrit||||||F|||||^DURAND (FICTIF) Paul",
    )
  })

  test.each<[form: 'orr' | 'oru', act: ToldAct, state: Case['state'], control: string]>([
    ['orr', { what: 'see' }, 'seen', 'SC'],
    ['oru', { what: 'accept' }, 'accepted', 'OK'],
    ['oru', { what: 'refuse', reason: 'Pas de lit' }, 'requested', 'SC'],
    ['oru', { what: 'refuse', reason: 'Pas de lit' }, 'refused', 'OC'],
    ['orr', { what: 'refuse', reason: 'Pas de lit' }, 'refused', 'UA'],
    ['orr', { what: 'advise', text: 'x', coded: [] }, 'advised', 'RE'],
  ])('%s %j while %s is %s', (form, act, state, control) => {
    const lines = answered(form, act, { state })
    expect(field(lines, 'ORC', 1)).toBe(control)
    if (act.what === 'refuse') expect(lines.join()).toContain('Pas de lit')
  })

  test('without a message of its own the request is known by what the case kept of it, a drill by its mark', () => {
    const lines = answered('oru', { what: 'accept' }, { drill: true }, false)
    expect(field(lines, 'ORC', 2)).toBe('AVC-0001^CH-HAUT-ANJOU')
    expect(field(lines, 'PID', 3)).toBe('300101^^^&539990028&M^PI~254035313000022^^^&1.2.250.1.213.1.4.10&ISO^INS')
    expect(lines.at(-1)).toContain('EXERCICE Demande acceptée')
  })

  test('what a centre would answer so is read as the same act', () => {
    const lines = answered('oru', { what: 'advise', text: 'Avis', coded: [] })
    const { answers } = readHl7Case(Buffer.from(`${lines.join('\r')}\r`), FACTS)
    expect(answers).toEqual([
      {
        placer: { authority: 'CH-HAUT-ANJOU', value: 'AVC-0001' },
        about: null,
        acts: [{ what: 'advise', text: 'Avis', coded: [] }],
      },
    ])
  })
})

describe('a request of the form, for a centre', () => {
  let definitions: FhirDefinitions
  beforeAll(async () => {
    definitions = await readyDefinitions([new URL('../../../profiles', import.meta.url).pathname])
  })
  const one = caseOf()
  const form = { ...one.requests[0]!, via: 'form', message: null, placer: null, callBack: '0241000000' } as const
  const places = {
    service: SERVICE,
    site: { name: 'CH du Haut-Anjou', finess: '539990028' },
    centre: { name: 'CHU Angers', finess: '490000031' },
  }
  const made = requestResource({ ...one, requests: [form] }, form, places)

  test('as a ServiceRequest that is sound, and is read as the same request', () => {
    expect(validateResource(made, definitions).filter(({ severity }) => severity !== 'warning')).toEqual([])
    const codes = new Map([['onset', 'onset']])
    const { request } = readFhirCase(made, { ...FACTS, codes })
    expect(request).toMatchObject({
      reason: form.reason,
      callBack: '0241000000',
      asker: { name: 'MARTIN (FICTIF) Claire', rpps: '99900000011' },
      patient: { family: 'LEROUX (FICTIF)', status: 'qualified', birthDate: '1954-03-12' },
      placer: { value: 'AVC-261123-0001' },
      times: { onset: { atMs: one.times.onset!.atMs } },
      test: true,
    })
    expect(JSON.stringify(made)).toContain(CASE_PARTS)
  })

  test('as ORM^O01, by the bridge', () => {
    const written = toHl7(made, CONTEXT)
    if (!written.ok) throw new Error(written.at)
    const { request } = readHl7Case(written.made.bytes, FACTS)
    expect(written.made.kind).toBe('ORM^O01')
    expect(request).toMatchObject({
      reason: form.reason,
      callBack: '0241000000',
      patient: { family: 'LEROUX (FICTIF)' },
    })
  })
})
