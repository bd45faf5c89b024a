import type { Config } from '../../core/config.ts'
import type { StructureFacts } from '../../core/structures.ts'

/** Which structures are establishments of region.yaml: by their own number, or as places of a legal entity that names none. */
export interface Declared {
  /** Numbers that stand there. */
  readonly numbers: readonly string[]
  /** Legal entities all of whose places count. */
  readonly whole: readonly string[]
  /** Id of the establishment that one is; null: it is none. */
  of(structure: Pick<StructureFacts, 'finess' | 'ej'>): string | null
}

/** As the configuration has them. An establishment is found by an EG of its list first, then by its EJ. */
export function declaredIn({ establishments }: Pick<Config, 'establishments'>): Declared {
  const places = new Map<string, string>()
  const entities = new Map<string, string>()
  const whole = new Map<string, string>()
  for (const { id, finess } of establishments.values()) {
    for (const eg of finess.eg) places.set(eg, id)
    if (finess.ej === null) continue
    entities.set(finess.ej, entities.get(finess.ej) ?? id)
    if (finess.eg.length === 0) whole.set(finess.ej, id)
  }
  return {
    numbers: [...new Set([...places.keys(), ...entities.keys()])],
    whole: [...whole.keys()],
    of: ({ finess, ej }) =>
      places.get(finess) ?? entities.get(finess) ?? (ej === null ? null : (whole.get(ej) ?? null)),
  }
}
