import { describe, expect, test } from 'vitest'
import { checkDocuments } from '../../../src/formats/cda/check.ts'
import { readMessage } from '../../../src/formats/hl7v2/message.ts'
import { cda, INS, INS_OID, IPP_OID, inBase64, mdm, message, oruCda } from '../../support/documents.ts'

/** What is found in a message: `class code place`. */
function found(segments: readonly string[]): string[] {
  const read = readMessage(Buffer.from(message(segments)))
  if (!read.ok) throw new Error(read.code)
  const work = checkDocuments(read.message)
  for (;;) {
    const step = work.next()
    if (step.done) return step.value.map((one) => `${one.class} ${one.code} ${one.at}`)
  }
}

/** An MDM with one segment changed. */
const changed = (name: string, from: string, to: string): string[] =>
  mdm().map((segment) => (segment.startsWith(name) ? segment.replace(from, to) : segment))

const OTHER = '260053800029912'
const ids = (...pairs: [root: string, extension: string][]): string =>
  pairs.map(([root, extension]) => `<id root="${root}" extension="${extension}"/>`).join('')
const withIds = (...pairs: [string, string][]): string[] => mdm('T02', cda({ ids: ids(...pairs) }))
const person = (family: string, birth: string, sex: string): string =>
  `<name><family>${family}</family><given>SUZANNE</given></name><administrativeGenderCode code="${sex}"/><birthTime value="${birth}"/>`

describe('the patient of the document', () => {
  test.each<[name: string, segments: string[], findings: string[]]>([
    ['is that of PID', mdm(), []],
    ['is that of PID, in an ORU', oruCda(), []],
    ['has the INS without its key', withIds([INS_OID, INS.slice(0, 13)]), []],
    ['has another INS', withIds([INS_OID, OTHER]), ['safety CDA_INS_MISMATCH PID-3']],
    [
      'has another INS and the same local number',
      withIds([INS_OID, OTHER], [IPP_OID, '300101']),
      ['safety CDA_INS_MISMATCH PID-3'],
    ],
    ['has the same INS and another local number', withIds([INS_OID, INS], [IPP_OID, '300999']), []],
    [
      'has another local number and no INS',
      withIds([IPP_OID, '300999']),
      ['safety CDA_PATIENT_MISMATCH PID-3', 'contract CDA_INS_ABSENT PID-3'],
    ],
    ['has the local number alone', withIds([IPP_OID, '300101']), ['contract CDA_INS_ABSENT PID-3']],
    [
      'shares no authority',
      withIds(['1.2.250.1.999.44', 'X']),
      ['contract CDA_PATIENT_UNPROVEN PID-3', 'contract CDA_INS_ABSENT PID-3'],
    ],
    ['has no identifier', withIds(), ['contract CDA_PATIENT_UNPROVEN PID-3', 'contract CDA_INS_ABSENT PID-3']],
    ['is not there', mdm('T02', cda({ recordTarget: '' })), ['contract CDA_PATIENT_UNPROVEN PID-3']],
    [
      'was born another day and shares no authority',
      mdm('T02', cda({ ids: ids(['1.2.250.1.999.44', 'X']), patient: person('LEROUX (FICTIF)', '19600530', 'F') })),
      ['safety CDA_PATIENT_MISMATCH PID-7', 'contract CDA_INS_ABSENT PID-3'],
    ],
    [
      'was born another day under the same INS',
      mdm('T02', cda({ patient: person('LEROUX (FICTIF)', '19600530', 'F') })),
      ['contract CDA_TRAITS_DIFFER PID-7'],
    ],
    [
      'has another sex under the same INS',
      mdm('T02', cda({ patient: person('LEROUX (FICTIF)', '19540312', 'M') })),
      ['contract CDA_TRAITS_DIFFER PID-7'],
    ],
    [
      'has another name under the same INS',
      mdm('T02', cda({ patient: person('MOREAU (FICTIF)', '19540312', 'F') })),
      ['contract CDA_TRAITS_DIFFER PID-7'],
    ],
    [
      'has the name with accents and a hyphen',
      mdm('T02', cda({ patient: person('Léroux-(Fictif)', '19540312', 'F') })),
      [],
    ],
    [
      'has an INS without its traits',
      mdm('T02', cda({ patient: '<name><family>LEROUX (FICTIF)</family></name>' })),
      ['contract CDA_TRAITS_INCOMPLETE OBX-5'],
    ],
    [
      'is two patients, one of them another',
      mdm(
        'T02',
        cda({
          recordTarget: `<recordTarget><patientRole>${ids([INS_OID, INS])}<patient>${person('LEROUX (FICTIF)', '19540312', 'F')}</patient></patientRole></recordTarget><recordTarget><patientRole>${ids([INS_OID, OTHER])}</patientRole></recordTarget>`,
        }),
      ),
      ['safety CDA_INS_MISMATCH PID-3'],
    ],
    ['is of a PID without INS', changed('PID', `${INS}^^^ASIP-SANTE-INS-NIR&${INS_OID}&ISO^INS~`, ''), []],
    [
      'hides behind a FINESS as authority',
      mdm('T02', cda({ ids: ids([`1.2.250.1.71.4.2.2.1539990028`, '300999']) })).map((s) =>
        s.startsWith('PID') ? s.replace(`300101^^^HOPITAL&${IPP_OID}&ISO^PI`, '300101^^^HOPITAL&539990028&M^PI') : s,
      ),
      ['safety CDA_PATIENT_MISMATCH PID-3', 'contract CDA_INS_ABSENT PID-3'],
    ],
  ])('%s', (_name, segments, findings) => {
    expect(found(segments).sort()).toEqual([...findings].sort())
  })

  test('is compared with the PID before it, of several', () => {
    const second = oruCda(cda({ ids: ids([INS_OID, OTHER]) })).slice(1)
    const segments = [...oruCda(), ...second]
    expect(found(segments)).toEqual(['safety CDA_INS_MISMATCH PID(2)-3'])
  })
})

describe('the document itself', () => {
  test.each<[name: string, segments: string[], findings: string[]]>([
    [
      'is named by TXA-12 with an extension',
      mdm('T02', cda({ id: '<id root="1.2.250.1.999.9" extension="E7"/>' })).map((s) =>
        s.replace('|1.2.250.1.999.9.1|', '|E7^^1.2.250.1.999.9^ISO|'),
      ),
      [],
    ],
    [
      'is not that of TXA-12',
      changed('TXA', '1.2.250.1.999.9.1', '1.2.250.1.999.9.8'),
      ['contract CDA_ID_MISMATCH TXA-12'],
    ],
    [
      'has another extension than TXA-12',
      mdm('T02', cda({ id: '<id root="1.2.250.1.999.9" extension="E8"/>' })).map((s) =>
        s.replace('|1.2.250.1.999.9.1|', '|E7^^1.2.250.1.999.9^ISO|'),
      ),
      ['contract CDA_ID_MISMATCH TXA-12'],
    ],
    [
      'is of another type',
      mdm('T02', cda({ code: '11502-2' })),
      ['contract CDA_CODE_MISMATCH OBX-3', 'contract CDA_CODE_MISMATCH OBR-4', 'contract CDA_CODE_MISMATCH TXA-2'],
    ],
    [
      'has a document type',
      mdm('T02', `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///x">]>${cda({ head: '' })}`),
      ['safety CDA_DOCTYPE OBX-5'],
    ],
    [
      'is in an encoding that is not read',
      mdm('T02', cda({ head: '<?xml version="1.0" encoding="EBCDIC"?>' })),
      ['safety CDA_ENCODING OBX-5'],
    ],
    ['breaks off before its patient', mdm('T02', cda().slice(0, 300)), ['contract CDA_UNREADABLE OBX-5']],
    [
      'breaks off behind a patient who is another',
      mdm('T02', cda({ ids: ids([INS_OID, OTHER]) }).slice(0, -40)),
      ['safety CDA_INS_MISMATCH PID-3', 'contract CDA_UNREADABLE OBX-5'],
    ],
    ['is no CDA', mdm('T02', '<a/>'), ['contract CDA_UNREADABLE OBX-5']],
    ['is no base64', changed('OBX|1', 'Base64^', 'Base64^?'), ['contract CDA_UNREADABLE OBX-5']],
    [
      'is told by its content where its subtype is not',
      changed('OBX|1', '^XML^', '^^').map((s) => s.replace(INS, OTHER)),
      ['safety CDA_INS_MISMATCH PID-3'],
    ],
    [
      'is a PDF, which is not looked into',
      changed('OBX|1', /\^XML\^Base64\^.*?\|/.exec(mdm()[7]!)![0], '^pdf^Base64^JVBERi0xLjQK|'),
      [],
    ],
    [
      'is a text that speaks of a document type',
      changed('OBX|12', 'Qm9uam91cg==', inBase64('<!DOCTYPE html><p>Bonjour</p>')),
      [],
    ],
  ])('%s', (_name, segments, findings) => {
    expect(found(segments).sort()).toEqual([...findings].sort())
  })

  test('is one of many, of which the last is another patient: the grave is told', () => {
    const [head, pid, pv1, orc, obr, obx] = oruCda() as [string, string, string, string, string, string]
    const broken = obx.replace(/Base64\^[^|]*/, 'Base64^!')
    const other = obx.replace(/Base64\^[^|]*/, `Base64^${inBase64(cda({ ids: ids([INS_OID, OTHER]) }))}`)
    const many = found([head, pid, pv1, orc, obr, ...Array<string>(60).fill(broken), other])
    expect(many).toHaveLength(50)
    expect(many[0]).toBe('safety CDA_INS_MISMATCH PID-3')
  })

  test('more of them than are read is told', () => {
    const [head, pid, pv1, orc, obr, obx] = oruCda() as [string, string, string, string, string, string]
    const findings = found([head, pid, pv1, orc, obr, ...Array<string>(70).fill(obx)])
    expect(findings).toEqual(['contract CDA_UNREADABLE OBX(65)-5'])
  })
})

test('large documents stop between slices, small ones never', () => {
  const steps = (xml: string): number => {
    const read = readMessage(Buffer.from(message(mdm('T02', xml))))
    if (!read.ok) throw new Error(read.code)
    return [...checkDocuments(read.message)].length
  }
  expect(steps(cda())).toBe(0)
  expect(steps(cda({ body: `<nonXMLBody><text>${'A'.repeat(3_000_000)}</text></nonXMLBody>` }))).toBeGreaterThan(10)
})

test('a parameter of a finding is never a value of the document', () => {
  const read = readMessage(Buffer.from(message(mdm('T02', cda({ ids: ids([INS_OID, OTHER]), code: '11502-2' })))))
  if (!read.ok) throw new Error(read.code)
  const step = checkDocuments(read.message).next()
  const text = JSON.stringify(step.value)
  for (const value of [INS, OTHER, 'LEROUX', '19540312', '11502-2']) expect(text).not.toContain(value)
})
