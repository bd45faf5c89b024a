import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EstablishmentKind } from '../../core/config.ts'
import { STRUCTURE_FIELDS, type StructureProfile } from '../../core/structures.ts'
import type { Fault } from '../config/problem.ts'
import { readMap } from '../config/profile-files.ts'
import { ESTABLISHMENT_KINDS } from '../config/schema/care.ts'
import { keyed, type Piece } from '../config/schema/piece.ts'
import { readSource } from '../config/source.ts'
import { validator } from '../config/validate.ts'

const WORD: Piece = { type: 'string', minLength: 1, maxLength: 100 }
const WORDS: Piece = { type: 'array', minItems: 1, items: WORD }
const profilePiece = keyed(
  'How extractions of FINESS are read.',
  {
    sections: {
      type: 'object',
      minProperties: 1,
      additionalProperties: keyed(
        'One section.',
        { level: { type: 'string', enum: ['ej', 'eg', 'place'] }, columns: WORDS },
        ['level', 'columns'],
      ),
    },
    skip: { type: 'array', items: WORD, default: [] },
    fields: { type: 'object', propertyNames: { type: 'string', enum: STRUCTURE_FIELDS }, additionalProperties: WORDS },
    lambert93: { type: 'array', items: WORD, default: [] },
  },
  ['sections', 'fields'],
)

/** How the national file is read; what cannot be used is told by its file and line, and the shipped one holds. */
export interface ReadStructures {
  readonly profile: StructureProfile
  readonly unusable: readonly string[]
}

/** Reads `structures/finess.yaml` and the table `finess-kinds` of the folders, the region's own first. */
export function readStructures(folders: readonly string[]): ReadStructures {
  const unusable: string[] = []
  const check = validator(profilePiece)
  let found: Omit<StructureProfile, 'kinds'> | null = null
  for (const folder of folders) {
    const text = found === null ? textOf(join(folder, 'structures', 'finess.yaml')) : null
    if (text === null) continue
    const read = profileOf(text, check)
    if (typeof read === 'string') unusable.push(`profiles/structures/finess.yaml ${read}`)
    else found = read
  }
  const { sections = {}, skip = [], fields = {}, lambert93 = [] } = found ?? {}
  return { profile: { sections, skip, fields, lambert93, kinds: kindsOf(folders, unusable) }, unusable }
}

function kindsOf(folders: readonly string[], unusable: string[]): StructureProfile['kinds'] {
  const read = readMap(folders, 'finess-kinds')
  if (!read.ok) {
    unusable.push(read.message)
    return {}
  }
  const known = (word: string): EstablishmentKind | undefined => ESTABLISHMENT_KINDS.find((kind) => kind === word)
  return Object.fromEntries(
    [...read.rows].flatMap(([code, word]) => {
      const kind = known(word)
      if (kind === undefined) unusable.push(`profiles/tables/finess-kinds.csv: ${code} has no known kind`)
      return kind === undefined ? [] : [[code, kind] as const]
    }),
  )
}

function profileOf(text: string, check: (value: unknown) => Fault[]): Omit<StructureProfile, 'kinds'> | string {
  const source = readSource(text)
  const [wrong] = source.problems.filter(({ severity }) => severity === 'error')
  if (wrong !== undefined) return `line ${wrong.line}: ${wrong.message}`
  const value = structuredClone(source.value)
  const [fault] = check(value).map(source.locate)
  return fault === undefined
    ? (value as Omit<StructureProfile, 'kinds'>)
    : `line ${fault.line}: ${fault.at} ${fault.message}`
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ENOENT') throw fault
    return null
  }
}
