import { expect, test } from 'vitest'
import { isPatientAddress, maskedAddress, patientAddressFault } from '../../../src/formats/mail/patient-address.ts'

const domain = 'patient.mssante.test'

test.each<[local: string, domain: string, masked: string]>([
  ['279035121518989', domain, `*@${domain}`],
  ['jeanne', domain, `*@${domain}`],
  ['jeanne', 'Patient.Mssante.Test', '*@Patient.Mssante.Test'],
  ['jeanne', 'patient.elsewhere.test', '*@patient.elsewhere.test'],
  ['279035121518989', 'a.mssante.test', '*@a.mssante.test'],
  ['x.279032A1215189.y', 'a.mssante.test', '*@a.mssante.test'],
  ['jeanne.martin', 'a.mssante.test', 'jeanne.martin@a.mssante.test'],
  ['service2026', 'outpatient.test', 'service2026@outpatient.test'],
])('%s@%s in a log', (local, of, masked) => {
  expect(maskedAddress({ local, domain: of }, domain)).toBe(masked)
  expect(maskedAddress({ local, domain: of })).toBe(masked)
})

test('a domain of patients by configuration', () => {
  const address = { local: 'jeanne', domain: 'usagers.test' }
  expect([maskedAddress(address, 'USAGERS.test'), maskedAddress(address)]).toEqual([
    '*@usagers.test',
    'jeanne@usagers.test',
  ])
  expect([isPatientAddress(address, 'USAGERS.test'), isPatientAddress(address, domain)]).toEqual([true, false])
})

test.each([
  ['279035121518989', null],
  ['279035121518988', 'key'],
  ['2790351215189', 'keyless'],
  ['jeanne', 'form'],
])('the matricule %s', (local, fault) => {
  expect(patientAddressFault({ local, domain })).toBe(fault)
})
