import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { partFor } from '../../src/app/config/schema/part.ts'
import type { Piece } from '../../src/app/config/schema/piece.ts'
import { configSchema } from '../../src/app/config/schema/region.ts'
import { compile } from '../../src/app/config/validate.ts'
import { ROOT } from '../ground/source.ts'

const REGION = parse(readFileSync(`${ROOT}region.yaml`, 'utf8')) as Readonly<Record<string, unknown>>
const whole = compile(configSchema)

const VALUES: readonly (readonly [name: string, value: unknown])[] = [
  ['the region that is shipped', REGION],
  ['nothing', {}],
  ['null', null],
  ['a list', []],
  ['an unknown setting', { ...REGION, routs: [] }],
  ['one that is nearly known', { ...REGION, entrence: {} }],
  ['unknown inside a list', { establishments: [{ id: 'a' }, { id: 'b', nme: 'B' }] }],
  ['a wrong type', { establishments: 'a' }],
  ['a wrong type of one that has settings', { retention: [1], region: 'x' }],
  ['a name that is none', { entrances: { 'É !': { type: 'mllp' } } }],
  ['empty objects', { region: {}, retention: {}, entrances: {}, establishments: [{}], routes: [{}] }],
  ['out of bounds', { retention: { bodies: '900000 days' } }],
  ['the same twice', { establishments: [{ id: 'a', senders: { facilities: ['A', 'A'] } }] }],
]

test.each(VALUES)('a part of the schema finds what the whole finds, and fills in the same: %s', (_, value) => {
  const [one, other] = [structuredClone(value), structuredClone(value)]
  const part = partFor(configSchema, [value])
  expect(compile(part)(one)).toEqual(whole(other))
  expect(one).toEqual(other)
  expect(JSON.stringify(part).length).toBeLessThan(JSON.stringify(configSchema).length)
})

test('a part for several values finds in each what the whole finds, and fills in the same', () => {
  const values = VALUES.map(([, value]) => value)
  const part = compile(partFor(configSchema, values))
  for (const [name, value] of VALUES) {
    const [one, other] = [structuredClone(value), structuredClone(value)]
    expect([name, part(one)]).toEqual([name, whole(other)])
    expect([name, one]).toEqual([name, other])
  }
})

test('of what is not there, name and default are left', () => {
  const inner: Piece = { type: 'object', properties: { a: { type: 'string', default: 'x' }, b: { type: 'string' } } }
  const schema: Piece = {
    type: 'object',
    properties: { there: inner, absent: { ...inner, required: ['b'] }, filled: { ...inner, default: {} } },
  }
  expect(partFor(schema, [{ there: { b: 'B' } }])).toEqual({
    type: 'object',
    properties: {
      there: { type: 'object', properties: { a: { default: 'x' }, b: { type: 'string' } } },
      absent: {},
      filled: { type: 'object', default: {}, properties: { a: { default: 'x' }, b: {} } },
    },
  })
})
