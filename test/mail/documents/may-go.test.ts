import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DocumentToSend, Instructions, RecipientKind } from '../../../src/formats/documents/document.ts'
import { type MayGo, mayGo, mayGoToDmp } from '../../../src/formats/documents/may-go.ts'
import { cda, inBase64, mdm, oruCda } from '../../support/documents.ts'
import { behind, changed, PATIENT_BOX, sending, settings, withMetadata } from '../../support/sendings.ts'

const ALL = settings()
const BOTH = behind(mdm(), 'PRT', PATIENT_BOX)
const decided = (segments: readonly string[], kind: RecipientKind, of = ALL): string => {
  const one = sending(segments, of)
  const to = one.recipients.find((recipient) => recipient.kind === kind)
  if (to === undefined) throw new Error(`no ${kind}`)
  return told(mayGo(one, to, of))
}
const told = (decision: MayGo): string => (decision.go ? 'goes' : decision.code)
/** Born so that the patient is 17 on the day of sending (MSH-7 20261123). */
const MINOR = changed(BOTH, 'PID', '|19540312|', '|20081124|')
const PROVISIONAL = changed(BOTH, 'PID', /VALI$/, 'PROV')
const BARE = `<id root="1.2.250.1.999.4" extension="300101"/>`
const PROVISIONAL_BARE = changed(behind(mdm('T02', cda({ ids: BARE })), 'PRT', PATIENT_BOX), 'PID', /VALI$/, 'PROV')

const OTHER = cda({ ids: '<id root="1.2.250.1.213.1.4.10" extension="260053800029912"/>' })
const TWO = cda().replace(/<recordTarget>[\s\S]*<\/recordTarget>/, (one) => one + one)

describe('may it go', () => {
  test.each<[name: string, segments: string[], professional: string, patient: string]>([
    ['without restriction', BOTH, 'goes', 'goes'],
    ['masked to professionals', withMetadata(BOTH, { MASQUE_PS: 'Y' }), 'DOCUMENT_MASKED', 'goes'],
    ['masked by a slip of the sender', withMetadata(BOTH, { MASQUE_PS: 'O' }), 'DOCUMENT_MASKED', 'goes'],
    ['invisible to the patient', withMetadata(BOTH, { INVISIBLE_PATIENT: 'Y' }), 'goes', 'DOCUMENT_INVISIBLE'],
    ['invisible to the representatives of an adult', withMetadata(BOTH, { INVISIBLE_REP_LEGAUX: 'Y' }), 'goes', 'goes'],
    [
      'invisible to the representatives of a minor',
      withMetadata(MINOR, { INVISIBLE_REP_LEGAUX: 'Y' }),
      'goes',
      'DOCUMENT_INVISIBLE_GUARDIANS',
    ],
    [
      'the same on the birthday',
      changed(withMetadata(MINOR, { INVISIBLE_REP_LEGAUX: 'Y' }), 'PID', '|20081124|', '|20081123|'),
      'goes',
      'goes',
    ],
    [
      'the same without a birth date',
      changed(withMetadata(MINOR, { INVISIBLE_REP_LEGAUX: 'Y' }), 'PID', '|20081124|', '|2008|'),
      'goes',
      'DOCUMENT_INVISIBLE_GUARDIANS',
    ],
    ['of a minor, visible', MINOR, 'goes', 'goes'],
    ['under a secret connection', withMetadata(BOTH, { CONNEXION_SECRETE: 'Y' }), 'goes', 'DOCUMENT_SECRET'],
    [
      'masked and invisible',
      withMetadata(BOTH, { MASQUE_PS: 'Y', INVISIBLE_PATIENT: 'Y' }),
      'DOCUMENT_MASKED',
      'DOCUMENT_INVISIBLE',
    ],
    ['not for professionals', withMetadata(BOTH, { DESTMSSANTEPS: 'N' }), 'DOCUMENT_NOT_ADDRESSED', 'goes'],
    ['not for the patient', withMetadata(BOTH, { DESTMSSANTEPAT: 'N' }), 'goes', 'DOCUMENT_NOT_ADDRESSED'],
    ['with an INS, the identity not qualified', PROVISIONAL, 'DOCUMENT_INS_UNQUALIFIED', 'DOCUMENT_INS_UNQUALIFIED'],
    [
      'of another patient',
      behind(mdm('T02', OTHER), 'PRT', PATIENT_BOX),
      'DOCUMENT_OTHER_PATIENT',
      'DOCUMENT_OTHER_PATIENT',
    ],
    [
      'of two patients',
      behind(mdm('T02', TWO), 'PRT', PATIENT_BOX),
      'DOCUMENT_OTHER_PATIENT',
      'DOCUMENT_OTHER_PATIENT',
    ],
    ['to a box that no PRT names', mdm(), 'goes', 'goes'],
    [
      'to a box that nothing names',
      changed(mdm('T02', cda({ ids: BARE })), 'PID', /254\d+\^.*?~/, ''),
      'goes',
      'DOCUMENT_IDENTITY_UNQUALIFIED',
    ],
    [
      'to a box of what is no matricule',
      changed(mdm('T02', cda({ ids: BARE })), 'PID', '254035313000022^', 'X^'),
      'goes',
      'DOCUMENT_ADDRESS_UNKNOWN',
    ],
    ['without an INS, the identity not qualified', PROVISIONAL_BARE, 'goes', 'DOCUMENT_IDENTITY_UNQUALIFIED'],
    [
      'masked, the identity not qualified',
      withMetadata(PROVISIONAL, { MASQUE_PS: 'Y', INVISIBLE_PATIENT: 'Y' }),
      'DOCUMENT_MASKED',
      'DOCUMENT_INVISIBLE',
    ],
    [
      'to the box of another patient',
      changed(BOTH, 'PRT', '254035313000022@', '260053800029912@'),
      'goes',
      'DOCUMENT_OTHER_BOX',
    ],
    [
      'to no address',
      changed(changed(BOTH, 'PRT', '254035313000022@patient.test', ''), 'PRT', 'paul.durand@chu.mssante.test', ''),
      'DOCUMENT_ADDRESS_UNKNOWN',
      'DOCUMENT_ADDRESS_UNKNOWN',
    ],
    [
      'a removal, masked',
      withMetadata(behind(mdm('T04'), 'PRT', PATIENT_BOX), { MASQUE_PS: 'Y' }),
      'DOCUMENT_MASKED',
      'goes',
    ],
  ])('%s', (_, segments, professional, patient) => {
    expect([decided(segments, 'professional'), decided(segments, 'patient')]).toEqual([professional, patient])
  })

  test.each<[name: string, number: string, decision: string]>([
    ['its author', '899900000011', 'goes'],
    ['somebody else', '899900000037', 'DOCUMENT_MASKED'],
  ])('what is masked, to %s', (_, number, decision) => {
    const masked = withMetadata(changed(mdm(), 'PRT', '899900000029^', `${number}^`), { MASQUE_PS: 'Y' })
    expect(decided(masked, 'professional')).toBe(decision)
  })

  test.each<[name: string, first: string, second: string, decision: string]>([
    ['both', '899900000037', '899900000037', 'goes'],
    ['one', '899900000037', '899900000011', 'DOCUMENT_MASKED'],
    ['the other', '899900000011', '899900000037', 'DOCUMENT_MASKED'],
  ])('of two documents in one mail that are masked, to whoever wrote %s', (_, first, second, decision) => {
    const by = (author: string, id = '1') =>
      cda({ id: `<id root="1.2.250.1.999.9.${id}"/>` }).replaceAll('"899900000011"', `"${author}"`)
    const more = `OBX|2|ED|11502-2^CR^LN||^TEXT^XML^Base64^${inBase64(by(second, '5'))}||||||F`
    const two = behind(oruCda(by(first)), 'OBX|1|', more)
    const masked = withMetadata(changed(two, 'PRT', '899900000029^', '899900000037^'), { MASQUE_PS: 'Y' })
    expect(decided(masked, 'professional')).toBe(decision)
  })

  test('what is masked goes to no team, whatever its address', () => {
    const team = changed(mdm(), 'PRT', /RCT.*?\|\d.*?\|\|/, 'RCT^^participation|||')
    expect(decided(withMetadata(team, { MASQUE_PS: 'Y' }), 'mailbox')).toBe('DOCUMENT_MASKED')
  })

  test('a region may say that no representative reads the box of a minor', () => {
    const of = settings({ majority: 0 })
    expect(decided(withMetadata(MINOR, { INVISIBLE_REP_LEGAUX: 'Y' }), 'patient', of)).toBe('goes')
  })

  test.each<[destination: string, hasConnector: boolean, decision: string]>([
    ['Y', true, 'goes'],
    ['Y', false, 'DOCUMENT_NO_DMP'],
    ['N', true, 'DOCUMENT_NOT_ADDRESSED'],
  ])('DESTDMP %s with a connector %s', (value, hasConnector, decision) => {
    expect(told(mayGoToDmp(sending(withMetadata(mdm(), { DESTDMP: value })), hasConnector))).toBe(decision)
  })
})

test('whatever else is said, no restriction is passed by', () => {
  const base = sending(BOTH)
  const flags = fc.record(
    Object.fromEntries(Object.keys(base.instructions).map((key) => [key, fc.boolean()])) as Record<
      keyof Instructions,
      fc.Arbitrary<boolean>
    >,
  )
  fc.assert(
    fc.property(flags, fc.boolean(), fc.boolean(), (instructions, qualified, hasIns) => {
      const one: DocumentToSend = {
        ...base,
        instructions,
        patient: { ...base.patient, qualified },
        documents: base.documents.map((document) => ({ ...document, hasIns })),
      }
      for (const to of base.recipients) {
        if (!mayGo(one, to, ALL).go) continue
        const isPatient = to.kind === 'patient'
        expect(isPatient ? instructions.invisibleToPatient : instructions.maskedToProfessionals).toBe(false)
        expect(isPatient ? instructions.toPatient : instructions.toProfessionals).toBe(true)
        expect(qualified || (!hasIns && !isPatient)).toBe(true)
      }
    }),
  )
})
