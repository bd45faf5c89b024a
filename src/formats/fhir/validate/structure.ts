/** The parts of StructureDefinition, ValueSet and CodeSystem (FHIR R4) that validation reads. */

/** A value of a definition, as `JSON.parse` gives it. */
export type Defined =
  | null
  | boolean
  | number
  | string
  | readonly Defined[]
  | { readonly [name: string]: Defined | undefined }

/** One type that an element may have. */
export interface ElementType {
  readonly code: string
  readonly profile?: readonly string[]
  readonly targetProfile?: readonly string[]
}

/** A rule in FHIRPath. */
export interface Constraint {
  readonly key: string
  readonly severity: 'error' | 'warning'
  readonly human?: string
  readonly expression?: string
  readonly extension?: readonly { readonly url: string; readonly [value: `value${string}`]: Defined | undefined }[]
}

/** How a list is told apart into slices. */
export interface Discriminator {
  readonly type: string
  readonly path: string
}

/** An element of a snapshot (elementdefinition.html). */
export interface ElementDefinition {
  readonly id: string
  readonly path: string
  readonly sliceName?: string
  readonly min?: number
  readonly max?: string
  readonly base?: { readonly path?: string; readonly min?: number; readonly max: string }
  readonly type?: readonly ElementType[]
  readonly contentReference?: string
  readonly maxLength?: number
  readonly binding?: { readonly strength: string; readonly valueSet?: string }
  readonly constraint?: readonly Constraint[]
  readonly slicing?: {
    readonly discriminator?: readonly Discriminator[]
    readonly ordered?: boolean
    readonly rules?: string
  }
  readonly [choice: `fixed${string}` | `pattern${string}` | `minValue${string}` | `maxValue${string}`]:
    | Defined
    | undefined
}

/** A type or a profile (structuredefinition.html) with its snapshot. */
export interface StructureDefinition {
  readonly resourceType: 'StructureDefinition'
  readonly url: string
  readonly version?: string
  readonly name?: string
  readonly title?: string
  readonly type: string
  readonly kind: 'primitive-type' | 'complex-type' | 'resource' | 'logical'
  readonly abstract?: boolean
  readonly derivation?: 'specialization' | 'constraint'
  readonly baseDefinition?: string
  readonly context?: readonly { readonly type: string; readonly expression: string }[]
  readonly snapshot?: { readonly element: readonly ElementDefinition[] }
}

/** A concept of a code system, with those below it. */
export interface Concept {
  readonly code: string
  readonly concept?: readonly Concept[]
  readonly property?: readonly { readonly code: string; readonly [value: `value${string}`]: Defined | undefined }[]
}

/** A code system (codesystem.html). */
export interface CodeSystem {
  readonly resourceType: 'CodeSystem'
  readonly url: string
  readonly content: 'not-present' | 'example' | 'fragment' | 'complete' | 'supplement'
  readonly caseSensitive?: boolean
  readonly concept?: readonly Concept[]
}

/** What a value set takes in or leaves out. */
export interface ValueSetInclude {
  readonly system?: string
  readonly concept?: readonly { readonly code: string }[]
  readonly filter?: readonly { readonly property: string; readonly op: string; readonly value: string }[]
  readonly valueSet?: readonly string[]
}

/** An entry of an expansion that was made elsewhere. */
export interface Expanded {
  readonly system?: string
  readonly code?: string
  readonly abstract?: boolean
  readonly contains?: readonly Expanded[]
}

/** A value set (valueset.html). */
export interface ValueSet {
  readonly resourceType: 'ValueSet'
  readonly url: string
  readonly compose?: { readonly include: readonly ValueSetInclude[]; readonly exclude?: readonly ValueSetInclude[] }
  readonly expansion?: { readonly contains?: readonly Expanded[] }
}

/** What definitions are read from. */
export type Definition = StructureDefinition | ValueSet | CodeSystem

/** Canonical of a type of R4. */
export const R4 = 'http://hl7.org/fhir/StructureDefinition/'

/** A canonical without its version (`|…`). */
export function unversioned(canonical: string): string {
  const bar = canonical.indexOf('|')
  return bar < 0 ? canonical : canonical.slice(0, bar)
}

/** The value of the choice element `fixed[x]`, `pattern[x]`, …, or undefined. */
export function choiceOf(
  definition: ElementDefinition,
  name: 'fixed' | 'pattern' | 'minValue' | 'maxValue',
): Defined | undefined {
  for (const key in definition) {
    if (key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length))) return definition[key as `fixed${string}`]
  }
  return undefined
}
