import { expect, test } from 'vitest'
import { readDocumentSettings } from '../../../src/formats/documents/settings.ts'
import { OPERATOR, shippedFile } from '../../support/sendings.ts'

type Tree = { [key: string]: Tree | unknown }

/** The shipped file with a value at a place. */
function withValue(place: string, value: unknown): unknown {
  const file = structuredClone(shippedFile()) as Tree
  const keys = place.split('.')
  const owner = keys.slice(0, -1).reduce((at, key) => at[key] as Tree, file)
  if (value === undefined) delete owner[keys.at(-1)!]
  else owner[keys.at(-1)!] = value
  return file
}

test('the file that is shipped is read whole', () => {
  const read = readDocumentSettings(shippedFile(), { patientDomain: 'Patient.Test', softwareId: null })
  if (!read.ok) throw new Error(read.at)
  expect(read.settings.codes.contentType.byVisit.get('I')).toEqual({ code: '03', display: 'Hospitalisation complète' })
  expect(read.settings.patientDomain).toBe('patient.test')
})

test.each<[place: string, value: unknown]>([
  ['name', 'both'],
  ['majority', -1],
  ['majority', '18'],
  ['texts.subject', ''],
  ['texts.replacementSubject', 'no place for it'],
  ['texts.more', 'x'],
  ['codes.contentType.byVisit.I', 'x'],
  ['codes.contentType.byVisit.I.code', 3],
  ['codes.format.byTemplate', null],
  ['codes.facility.system', undefined],
  ['codes.confidentiality.MASQUE_PS', undefined],
  ['refusedByDmp.display', undefined],
  ['unknown', 1],
])('a file with %s %j names the place', (place, value) => {
  expect(readDocumentSettings(withValue(place, value), OPERATOR)).toEqual({ ok: false, at: place })
})

test.each([[null], ['text'], [[]]])('%j is no file of settings', (value) => {
  expect(readDocumentSettings(value, OPERATOR)).toEqual({ ok: false, at: '' })
})
