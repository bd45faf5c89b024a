import { type Call, OPTIONS, type Option, plain, text, UsageError } from './command.ts'
import { textIn } from './input.ts'

/** Options of what is about a patient. */
export const PATIENT_OPTIONS = {
  reason: OPTIONS.reason,
  'patient-file': {
    type: 'string',
    value: 'FILE',
    help: {
      en: "the patient's identifiers, AUTHORITY|IDENTIFIER, one a line",
      fr: 'identifiants du patient, AUTORITÉ|IDENTIFIANT, un par ligne',
    },
  },
} as const satisfies Record<string, Option>

/**
 * The identifiers of a file, one a line; empty lines aside. A line that is none is told by its number, never by what it holds.
 * @throws {UsageError} then; {ProblemError} when the file cannot be read */
export async function identifiersIn(file: string, call: Call): Promise<readonly string[]> {
  const lines = (await textIn(file, call)).split('\n').map((line) => line.trim())
  const wrong = lines.findIndex((line) => line !== '' && !/^[^|]{0,199}\|[^|]{1,199}$/.test(line))
  if (wrong < 0) return lines.filter((line) => line !== '')
  const at = `${plain(file)}:${wrong + 1}`
  throw new UsageError(
    { en: `${at}: no AUTHORITY|IDENTIFIER.`, fr: `${at} : ce n'est pas AUTORITÉ|IDENTIFIANT.` }[call.language],
  )
}

/**
 * The patient's identifiers, read from a file: on the command line they would stand in histories and lists of processes.
 * @throws {UsageError} without one, or when it names nobody; {ProblemError} when it cannot be read */
export async function patientsOf(call: Call): Promise<readonly string[]> {
  const file = text(call, 'patient-file')
  const given = file === undefined ? [] : await identifiersIn(file, call)
  if (given.length > 0) return given
  throw new UsageError(
    {
      en: '--patient-file is needed: AUTHORITY|IDENTIFIER, one a line.',
      fr: '--patient-file est obligatoire : AUTORITÉ|IDENTIFIANT, un par ligne.',
    }[call.language],
  )
}
