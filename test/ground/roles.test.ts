import { expect, test } from 'vitest'
import { rolesDocument } from '../../src/app/roles-document.ts'
import { MAY, PERMISSIONS, ROLES } from '../../src/core/roles.ts'
import { textOf } from './source.ts'

test('docs/roles.md is what the table says; if not, run: node src/app/roles-document.ts', () => {
  expect(textOf('docs/roles.md')).toBe(rolesDocument())
})

test('each permission is given to somebody, and each role may at least end its own session', () => {
  const given = new Set(Object.values(MAY).flatMap((of) => Object.keys(of)))
  expect(PERMISSIONS.filter((one) => !given.has(one))).toEqual([])
  expect(ROLES.filter((role) => MAY[role]['session:own'] !== 'own')).toEqual([])
})

test('no role of the region has the content of messages, whatever else it may', () => {
  expect(ROLES.filter((role) => MAY[role]['content:read'] !== undefined)).toEqual(['establishment-it'])
  expect(MAY['establishment-it']['content:read']).toBe('own')
})
