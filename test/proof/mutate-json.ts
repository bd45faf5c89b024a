import type { Random } from '../support/world/random.ts'

/** Values that no reader of FHIR expects where they come to stand. */
const ODD: readonly string[] = [
  'null',
  'true',
  '0',
  '-0',
  '1e400',
  '0.10000000000000000000000000000000001',
  '""',
  '"\\ud800"',
  '"\\u0000"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{}}}',
  '{"reference":"Patient?identifier=x"}',
  '{"reference":"#nobody"}',
  `"${'é'.repeat(3_000)}"`,
  `${'['.repeat(150)}${']'.repeat(150)}`,
]
/** A JSON string, number or word, as it stands in compact text. */
const VALUES = /:(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)/g

type Mutation = (text: string, dice: Random) => string

const somewhere = (text: string, dice: Random): number => dice.between(0, Math.max(0, text.length - 1))

const MUTATIONS: readonly Mutation[] = [
  function oddValue(text, dice) {
    const found = [...text.matchAll(VALUES)]
    if (found.length === 0) return text
    const { index, 0: value } = dice.pick(found)
    return `${text.slice(0, index)}:${dice.pick(ODD)}${text.slice(index + value.length)}`
  },
  function nameTwice(text, dice) {
    const found = [...text.matchAll(/"[a-zA-Z]+":"[^"\\]*"/g)]
    if (found.length === 0) return text
    const { index, 0: pair } = dice.pick(found)
    return `${text.slice(0, index)}${pair},${text.slice(index)}`
  },
  function otherName(text, dice) {
    const found = [...text.matchAll(/"([a-zA-Z]+)":/g)]
    if (found.length === 0) return text
    const { index, 0: name } = dice.pick(found)
    const other = dice.pick(['__proto__', 'constructor', 'resourceType', 'id', 'contained', 'entry', '', 'é'])
    return `${text.slice(0, index)}"${other}":${text.slice(index + name.length)}`
  },
  function flip(text, dice) {
    const at = somewhere(text, dice)
    return text.slice(0, at) + String.fromCharCode(dice.between(0, 255)) + text.slice(at + 1)
  },
  function remove(text, dice) {
    const at = somewhere(text, dice)
    return text.slice(0, at) + text.slice(at + dice.between(1, 60))
  },
  function repeat(text, dice) {
    const at = somewhere(text, dice)
    const end = at + dice.between(1, 200)
    return text.slice(0, end) + text.slice(at)
  },
  function insertRun(text, dice) {
    const at = somewhere(text, dice)
    const run = dice.pick(['{', '[', '"', ',', ':', '\\', ' ', '\0', '\ufeff', '9']).repeat(dice.between(1, 2_000))
    return text.slice(0, at) + run + text.slice(at)
  },
  function truncate(text, dice) {
    return text.slice(0, somewhere(text, dice))
  },
]

/** A malformed relative of a valid resource: one to three mutations; its bytes are Latin-1 or UTF-8, as the dice say. */
export function malformedResource(resource: object, dice: Random): Buffer {
  const valid = JSON.stringify(resource)
  for (;;) {
    let mutant = valid
    for (let n = dice.between(1, 3); n > 0; n--) mutant = dice.pick(MUTATIONS)(mutant, dice)
    if (mutant !== valid && mutant !== '') return Buffer.from(mutant, dice.between(1, 5) === 1 ? 'latin1' : 'utf8')
  }
}
