import { type Call, OPTIONS, type Option, text, UsageError } from './command.ts'
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
 * The patient's identifiers, read from a file: on the command line they would stand in histories and lists of processes.
 * @throws {UsageError} without one, or when it names nobody; {ProblemError} when it cannot be read */
export async function patientsOf(call: Call): Promise<readonly string[]> {
  const file = text(call, 'patient-file')
  const read = file === undefined ? '' : await textIn(file, call)
  const lines = read.split('\n').map((line) => line.trim())
  const given = lines.filter((line) => line !== '')
  if (given.length > 0) return given
  throw new UsageError(
    {
      en: '--patient-file is needed: AUTHORITY|IDENTIFIER, one a line.',
      fr: '--patient-file est obligatoire : AUTORITÉ|IDENTIFIANT, un par ligne.',
    }[call.language],
  )
}
