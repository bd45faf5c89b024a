import type { ConformityCommands } from '../core/conformity-commands.ts'
import type { ActingParts } from './acting.ts'
import { evidenceActs } from './evidence/commands.ts'
import { frameworkActs } from './framework-acts.ts'
import { overrideActs } from './overrides.ts'

/** What people do for conformity, over a journal. */
export function conformityCommands(parts: ActingParts): ConformityCommands {
  return { ...evidenceActs(parts), ...overrideActs(parts), ...frameworkActs(parts) }
}
