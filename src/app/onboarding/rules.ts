import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FieldRule, FlowRule, OnboardingRules, StepRule, TestBook, TestCase } from '../../core/onboarding.ts'
import { STEP_CHECKS } from '../../core/onboarding.ts'
import type { Fault } from '../config/problem.ts'
import { keyed, NAME, type Piece } from '../config/schema/piece.ts'
import { readSource } from '../config/source.ts'
import { validator } from '../config/validate.ts'

const TEXT: Piece = { type: 'string', minLength: 1, maxLength: 4_000 }
const TEXTS = keyed('A text in both languages.', { fr: TEXT, en: TEXT }, ['fr', 'en'])
const list = (items: Piece): Piece => ({ type: 'array', items, default: [] })
const flag: Piece = { type: 'boolean', default: false }
const FIELD_TYPES: readonly FieldRule['type'][] = ['text', 'date', 'finess', 'certificate', 'host', 'port', 'choice']

const fieldPiece = keyed(
  'Something that a step asks for.',
  {
    id: NAME,
    type: { type: 'string', enum: FIELD_TYPES },
    name: TEXTS,
    required: flag,
    choices: { type: 'object', propertyNames: NAME, additionalProperties: TEXTS, default: {} },
  },
  ['id', 'type', 'name'],
)
const stepsPiece = keyed(
  'Steps of an onboarding.',
  {
    steps: {
      type: 'array',
      minItems: 1,
      items: keyed(
        'One step.',
        {
          id: NAME,
          check: { type: 'string', enum: STEP_CHECKS },
          name: TEXTS,
          help: TEXTS,
          once: flag,
          qualifies: flag,
          optional: flag,
          fields: list(fieldPiece),
        },
        ['id', 'check', 'name', 'help'],
      ),
    },
  },
  ['steps'],
)
const flowsPiece = keyed(
  'Flows.',
  {
    flows: {
      type: 'array',
      minItems: 1,
      items: keyed('One flow.', { id: NAME, name: TEXTS, guide: TEXT, kinds: list(TEXT), version: TEXT, book: NAME }, [
        'id',
        'name',
        'guide',
        'kinds',
        'version',
      ]),
    },
  },
  ['flows'],
)
const expectPiece = keyed(
  'What shows that a case is passed.',
  {
    answer: { type: 'string', enum: ['accepted', 'refused', 'either'] },
    code: TEXT,
    findings: { type: 'array', items: TEXT },
    clean: { type: 'boolean' },
    charset: TEXT,
    accent: { type: 'boolean' },
    version: TEXT,
    repeat: { type: 'boolean' },
  },
  ['answer'],
)
const bookPiece = keyed(
  'A test book.',
  {
    name: TEXTS,
    cases: {
      type: 'array',
      minItems: 1,
      items: keyed(
        'One case.',
        {
          id: { type: 'string', pattern: '^[A-Z0-9]{2,12}$', what: 'capital letters and digits, 2 to 12' },
          name: TEXTS,
          how: TEXTS,
          kinds: list(TEXT),
          expect: expectPiece,
          examples: list({ type: 'string', minLength: 1, maxLength: 20_000 }),
          sentIn: { type: 'string', enum: ['8859/15', 'UNICODE UTF-8'] },
        },
        ['id', 'name', 'how', 'kinds', 'expect'],
      ),
    },
  },
  ['name', 'cases'],
)

/** The files of onboarding as they were read; what cannot be used is told by its file and line, and the shipped one holds. */
export interface ReadOnboarding {
  readonly rules: OnboardingRules
  readonly unusable: readonly string[]
}

/** Reads `onboarding/` and `test-books/` of the folders, the region's own first: a file there takes the place of the shipped one. */
export function readOnboarding(folders: readonly string[]): ReadOnboarding {
  const unusable: string[] = []
  const first = <T>(file: string, piece: Piece): T | null => {
    const check = validator(piece)
    for (const folder of folders) {
      const text = textOf(join(folder, file))
      if (text === null) continue
      const fault = faultOf(text, check)
      if (typeof fault !== 'string') return fault.value as T
      unusable.push(`profiles/${file} ${fault}`)
    }
    return null
  }
  const { steps } = first<{ steps: StepRule[] }>('onboarding/steps.yaml', stepsPiece) ?? { steps: [] }
  const { flows } = first<{ flows: FlowRule[] }>('onboarding/flows.yaml', flowsPiece) ?? { flows: [] }
  const books = new Map<string, TestBook>()
  for (const name of namesIn(folders, 'test-books')) {
    const book = first<{ name: TestBook['name']; cases: TestCase[] }>(`test-books/${name}.yaml`, bookPiece)
    if (book !== null) books.set(name, { id: name, ...book })
  }
  const known = flows.map((flow) => ({ ...flow, book: books.has(flow.book ?? '') ? flow.book : null }))
  for (const { book, id } of flows) {
    if (book !== undefined && book !== null && !books.has(book)) {
      unusable.push(`profiles/onboarding/flows.yaml: ${id} names the test book ${book}, which is not there`)
    }
  }
  return { rules: { steps, flows: known, books }, unusable }
}

function faultOf(text: string, check: (value: unknown) => Fault[]): { value: unknown } | string {
  const source = readSource(text)
  const [wrong] = source.problems.filter(({ severity }) => severity === 'error')
  if (wrong !== undefined) return `line ${wrong.line}: ${wrong.message}`
  const value = structuredClone(source.value)
  const [fault] = check(value).map(source.locate)
  return fault === undefined ? { value } : `line ${fault.line}: ${fault.at} ${fault.message}`
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function namesIn(folders: readonly string[], folder: string): readonly string[] {
  const names = folders.flatMap((one) => {
    try {
      return readdirSync(join(one, folder)).filter((name) => name.endsWith('.yaml'))
    } catch {
      return []
    }
  })
  return [...new Set(names)].sort().map((name) => name.slice(0, -'.yaml'.length))
}
