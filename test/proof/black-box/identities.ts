/** Rows 11 to 16: identities. */

import { expect } from 'vitest'
import { matriculeKey } from '../../../src/formats/identifiers/ins.ts'
import { identities, movement } from '../../formats/hl7v2-rules/samples.ts'
import type { Lines } from '../../formats/hl7v2-rules/segments.ts'
import { patient } from '../../support/world/messages.ts'
import { until } from '../../support/world/until.ts'
import { ask, ended, receivedResources } from './bench.ts'
import { insPatient, SYSTEM } from './resources.ts'
import { bytesOf, having, proved, type Row, refused, row, taken } from './table.ts'

const A28 = identities['A28']!
/** Without what no resource has a place for. */
const A31 = identities['A31']!.filter((line) => !line.startsWith('ZF'))
const A47 = identities['A47']!
const ins = (value: string, arc = 10, kind = 'NIR'): string =>
  `${value}^^^ASIP-SANTE-INS-${kind}&1.2.250.1.213.1.4.${arc}&ISO^INS`
const ipp = (number: string): string => `${number}^^^CH-EXEMPLE&1.2.250.1.999.4&ISO^PI`

const withoutIns = (sent: Buffer): Buffer =>
  Buffer.from(sent.toString('latin1').replace(/~\d+\^\^\^ASIP-SANTE-INS-NIR[^|]*/, ''), 'latin1')
const withIns = (lines: Lines, value: string, arc = 10): Lines => having(lines, 'PID-3(2)', ins(value, arc))

const WRONG = '260058815400244'
const CORSICAN = '185052A00412356'
const OTHER_KEY = '185052A00412357'
const admission = movement('A01')
/** Of the sex and the month of birth that the Corsican number tells. */
const corsican = having(having(admission, 'PID-7', '19850512'), 'PID-8', 'M')

const both: Row = {
  number: 14,
  name: 'A31 with NIA and NIR: downstream FHIR shows NIR official, NIA temp',
  async run(turn) {
    const { bench, tag } = turn
    const number = turns++
    const nir = patient(number).ins
    const nia = alike(nir)
    const person = having(having(A31, 'PID-7', `19${nir.slice(1, 5)}12`), 'PID-8', Number(nir[0]) % 2 === 1 ? 'M' : 'F')
    const lines = having(having(person, 'MSH-5', 'FHIR'), 'PID-3', `${ipp(tag)}~${ins(nia, 9, 'NIA')}~${ins(nir)}`)
    const sent = bytesOf(turn, `${tag}-1`, lines)
    await proved(turn, sent, taken(['form CONVERTED chu-c/fhir']))
    const [body, ...more] = receivedResources(bench, `"${tag}"`)
    expect(more).toEqual([])
    const { entry } = JSON.parse(body!) as { entry: { resource: { resourceType: string; identifier: Identifier[] } }[] }
    const [shown] = entry.filter(({ resource }) => resource.resourceType === 'Patient')
    const identifiers = shown!.resource.identifier.map(({ use, system, value }) => `${use} ${system} ${value}`)
    expect(identifiers.toSorted()).toEqual([
      `official urn:oid:1.2.250.1.213.1.4.10 ${nir}`,
      `temp urn:oid:1.2.250.1.213.1.4.9 ${nia}`,
      `usual ${SYSTEM} ${tag}`,
    ])
  },
}

/** Another number of somebody of that sex, born in that month. */
function alike(nir: string): string {
  const body = `${nir.slice(0, 10)}${nir.slice(10, 13) === '999' ? '001' : '999'}`
  return body + matriculeKey(body)
}

interface Identifier {
  readonly use: string
  readonly system: string
  readonly value: string
}
let turns = 1

const deletion: Row = {
  number: 15,
  name: 'A47 that deletes the INS: gone from the patient, PROV, the history kept',
  async run(turn) {
    const { bench, sender, tag } = turn
    const old = patient(1_000 + turns++).ins
    const made = await ask(bench, sender, 'POST', '/Patient', insPatient(tag, 'QUAL', old))
    expect(made.status).toBe(201)
    const path = `/Patient/${made.json['id']}`
    const lines = having(having(having(A47, 'PID-3', ins('""')), 'PID-32', 'PROV'), 'MRG-1', ins(old))
    await proved(turn, bytesOf(turn, `${tag}-1`, lines), taken())
    const now = await until('the patient has no INS', async () => {
      const { json } = await ask(bench, sender, 'GET', path)
      return (json['meta'] as { versionId: string }).versionId === '2' ? json : null
    })
    expect((now['identifier'] as Identifier[]).map(({ value }) => value)).toEqual([tag])
    expect(JSON.stringify(now['extension'])).toContain('"PROV"')
    const before = await ask(bench, sender, 'GET', `${path}/_history/1`)
    expect(JSON.stringify(before.json)).toContain(old)
    const { timeline } = await ended(bench, `${tag}-1`)
    const told = timeline.filter(({ event }) => event === 'identity').map(({ code, detail }) => `${code} ${detail}`)
    expect(told).toEqual([`INS_REMOVED ${path.slice(1)}/_history/2`])
  },
}

/** In the order of the reference. */
export const IDENTITIES: readonly Row[] = [
  row(11, 'A28 with INS and PID-32 PROV', {
    sent: having(A28, 'PID-32', 'PROV'),
    strict: taken(['form INS_STRIPPED PID-3'], withoutIns),
  }),
  row(
    12,
    'A28 with an INS of OID .8 and a bad key; with OID .10',
    {
      sent: withIns(A28, WRONG, 8),
      strict: refused(['102 @PID^1^3']),
      lenient: taken(['contract INS_KEY PID-3']),
    },
    { sent: withIns(A28, WRONG), strict: taken(['form INS_KEY PID-3']) },
  ),
  row(13, 'A28 with PID-32 VALI and DOUT', {
    sent: having(A28, 'PID-32', 'VALI~DOUT'),
    strict: refused(['207 @PID^1^32']),
    lenient: taken(
      ['form INS_STRIPPED PID-3', 'contract STATUS_CONTRADICTED PID-32', 'form VALUE_UNLISTED ZFD-5'],
      withoutIns,
    ),
  }),
  both,
  deletion,
  row(
    16,
    'A01 with a Corsican NIR, and with its key one off',
    { sent: withIns(corsican, CORSICAN), strict: taken() },
    { sent: withIns(corsican, CORSICAN, 8), strict: taken() },
    {
      sent: withIns(corsican, OTHER_KEY, 8),
      strict: refused(['102 @PID^1^3']),
      lenient: taken(['contract INS_KEY PID-3']),
    },
  ),
]
