import type { CodeTable } from '../../../core/config.ts'
import type { PlanProblem } from '../../../core/operations.ts'
import { ruleProblems } from '../../../formats/hl7v2/rules/compile.ts'
import { codeTable, type StoredShared } from '../compile.ts'
import { error, type Fault, type Problem, pathText } from '../problem.ts'
import { sharedSchema } from '../schema/region.ts'
import { ruleFilePiece } from '../schema/rules.ts'
import type { SharedJson } from '../shared.ts'
import { validator, validatorFor } from '../validate.ts'
import type { WrittenRegion } from '../written.ts'
import { destinationFaults } from './destinations.ts'
import { editFaults } from './edits.ts'
import { identityFaults } from './identities.ts'
import { routeFaults } from './routes.ts'
import { signInFaults } from './sign-in.ts'
import { knownNames } from './sound.ts'
import { channelFaults, offerFaults } from './telemedicine.ts'

const validate = validator(sharedSchema)
/** Secrets are each node's own: they are not looked at here. */
const NOT_READ = { read: () => 'not-looked-at', missing: 'warning' } as const

/** What is wrong with a shared part given as text, by the same checks as a region file. Material is not looked at. Pure. */
export function sharedProblems(json: SharedJson): PlanProblem[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return [{ severity: 'error', at: '', code: 'UNREADABLE', message: 'the configuration is no JSON' }]
  }
  const form = validate(value)
  const { tables, maps, ruleFiles, rules } = value as StoredShared
  const files = form.length > 0 ? [] : Object.entries(ruleFiles)
  const validateFile = files.length === 0 ? () => [] : validatorFor(ruleFilePiece, Object.values(ruleFiles))
  form.push(...files.flatMap(([name, file]) => validateFile(file).map((fault) => inFile(name, fault))))
  if (form.length > 0) return form.map(({ path, ...fault }) => ({ ...fault, at: pathText(path) }))
  const region = { ...(value as WrittenRegion), entrances: {} }
  const missing = (known: object) => (name: string) =>
    Object.hasOwn(known, name) ? null : { found: false, message: `table ${name} is not part of it` }
  const compiled = ruleProblems({
    files: ruleFiles,
    classes: rules,
    tables: new Map(Object.entries(tables).map(codes)),
  })
  const known = knownNames(value, [])
  const services = { establishments: known.establishments, names: known.services, services: region.services }
  const faults = [
    ...compiled.map(({ file, path, message }) => inFile(file, error(path, 'BAD_RULES', message))),
    ...identityFaults(region),
    ...signInFaults(region),
    ...destinationFaults(region),
    ...offerFaults(region, services),
    ...channelFaults(region, services, NOT_READ),
    ...routeFaults(region, known, missing(tables)),
    ...editFaults(region, missing(maps)),
  ]
  return faults.map(({ path, severity, code, message }) => ({ severity, at: pathText(path), code, message }))
}

function inFile(name: string, fault: Fault): Fault {
  return { ...fault, path: ['ruleFiles', name, ...fault.path] }
}

function codes([name, all]: [string, readonly string[]]): [string, CodeTable] {
  return [name, codeTable(all)]
}

/** A problem of a file as a plan tells it. */
export function planProblem({ severity, at, code, message, line, column }: Problem): PlanProblem {
  return { severity, at: `${line}:${column}${at === '' ? '' : ` ${at}`}`, code, message }
}
