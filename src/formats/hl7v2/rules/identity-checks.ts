/** Named checks about the identities of patients (RNIV 1, version 2.0), on each PID. Nobody is refused for what they find. */
import { insAuthority } from '../../identifiers/ins.ts'
import { givenNamesAgree, matriculeDisagrees } from '../../identifiers/traits.ts'
import type { Broken, MakeCheck } from './checks.ts'
import type { Look } from './look.ts'
import { parsePlace } from './place.ts'

const PLACES = {
  number: parsePlace('PID-3.1'),
  authority: parsePlace('PID-3.4.2'),
  first: parsePlace('PID-5.2'),
  given: parsePlace('PID-5.3'),
  nameType: parsePlace('PID-5.7'),
  birth: parsePlace('PID-7'),
  sex: parsePlace('PID-8'),
  status: parsePlace('PID-32'),
} as const

/** Looks at each PID; what it gives are fields (`PID-5`, `PID(2)-5`). */
function onEach(fields: (value: (name: keyof typeof PLACES) => readonly string[]) => readonly number[]) {
  return (look: Look): readonly Broken[] =>
    look.named('PID').flatMap((segment, i) => {
      const name = i === 0 ? 'PID' : `PID(${i + 1})`
      return fields((place) => look.values(segment, PLACES[place]!)).map((field) => ({ at: `${name}-${field}` }))
    })
}

/** `{ values }`: where PID-32 has anything, exactly one of its values is one of these. */
const oneStatus: MakeCheck = ({ values }) => {
  if (!Array.isArray(values) || values.length < 2) throw new RangeError('oneStatus needs values')
  const statuses = new Set(values)
  return onEach((value) => {
    const all = value('status').filter((one) => one !== '')
    return all.length === 0 || new Set(all.filter((one) => statuses.has(one))).size === 1 ? [] : [32]
  })
}

/** The first given name of a birth name (XPN-2, type L) begins the list of given names (XPN-3). */
const givenNames: MakeCheck = () =>
  onEach((value) => {
    const [first, given, types] = [value('first'), value('given'), value('nameType')]
    const differ = types.some((type, i) => type === 'L' && !givenNamesAgree(first[i] ?? '', given[i] ?? ''))
    return differ ? [5] : []
  })

/** The INS of a qualified identity (PID-32 VALI) has its sex and its year and month of birth. */
const insTraits: MakeCheck = () =>
  onEach((value) => {
    if (!value('status').includes('VALI')) return []
    const [authorities, traits] = [value('authority'), { sex: value('sex')[0] ?? '', birth: value('birth')[0] ?? '' }]
    const against = value('number').flatMap((number, i) =>
      insAuthority(authorities[i] ?? '') === null ? [] : [matriculeDisagrees(number, traits)],
    )
    return [...(against.includes('birth') ? [7] : []), ...(against.includes('sex') ? [8] : [])]
  })

/** By name. */
export const IDENTITY_CHECKS: Readonly<Record<string, MakeCheck>> = { oneStatus, givenNames, insTraits }
