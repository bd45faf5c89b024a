import { Ajv, type ValidateFunction } from 'ajv'
import type { ProbeKind } from '../../core/conformity.ts'

/** What a TLS probe asks. */
export interface TlsSettings {
  /** The far side must offer this version. */
  readonly offers: 'TLSv1.2' | 'TLSv1.3'
  /** Nobody is let in without a client certificate. */
  readonly mutual: boolean
  /** A revocation list must cover the far side's certificate. */
  readonly revocation: boolean
  /** The certificate must last so many days more. */
  readonly daysLeft: number
  /** Least size of a key, bits. */
  readonly rsaBits: number
  readonly ecBits: number
}

/** What an MLLP probe asks. */
export interface MllpSettings {
  /** Kind of the test message. */
  readonly message: 'ADT^A28' | 'ADT^A31'
  /** Values of MSA-1 that are as they must be. */
  readonly codes: readonly string[]
  readonly withinMs: number
}

/** What a CapabilityStatement must declare. */
export interface CapabilitySettings {
  readonly fhirVersion: string | null
  /** Interactions (`read`, `search`, `create` …) by type of resource. */
  readonly resources: Readonly<Record<string, readonly string[]>>
  /** Names of operations, without `$`, at the system or at any resource. */
  readonly operations: readonly string[]
  /** `json`, `xml` or a media type. */
  readonly formats: readonly string[]
  /** Codes of rest.security.service. */
  readonly security: readonly string[]
  readonly withinMs: number
}

/** One step of an exchange. `{name}` in `path` and in texts of `body` stands for a kept value; `{run}` is new for every run. */
export interface ExchangeStep {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the base of the server, without a slash in front. */
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly status: readonly number[]
  /** Values that the answer must have, by path (`Patient.identifier.value`, through all elements of arrays). */
  readonly expect: Readonly<Record<string, string | number | boolean>>
  /** Values of the answer that later steps name, by the path they stand at. Ids and versions only. */
  readonly keep: Readonly<Record<string, string>>
  /** It takes away what the steps made, and is done also after one that failed. */
  readonly cleanup: boolean
}

/** What an exchange asks. */
export interface ExchangeSettings {
  readonly steps: readonly ExchangeStep[]
}

/** What is asked of a way of mail: nothing beyond the rules of mail. */
export type MailSettings = Readonly<Record<never, never>>

/** What is asked of an archive. */
export interface DicomwebSettings {
  readonly withinMs: number
}

/** What is asked of a clock. */
export interface ClockSettings {
  /** Most that it may be off, ms. Both protocols tell whole seconds. */
  readonly toleranceMs: number
}

/** Settings by kind, defaults filled in. */
export interface ProbeSettings {
  readonly tls: TlsSettings
  readonly mllp: MllpSettings
  readonly 'fhir-capability': CapabilitySettings
  readonly 'fhir-exchange': ExchangeSettings
  readonly mail: MailSettings
  readonly dicomweb: DicomwebSettings
  readonly clock: ClockSettings
}

const WITHIN = { type: 'integer', minimum: 1, maximum: 10_000, default: 10_000 }
const TOKEN = { type: 'string', pattern: '^[\\w+./:-]{1,100}$' }
const TOKENS = { type: 'array', items: TOKEN, maxItems: 100, default: [] }
const VARIABLE = '^[a-z][A-Za-z0-9]{0,30}$'
const PLACE = '^[A-Z][A-Za-z]{0,60}(\\.[A-Za-z][A-Za-z0-9]{0,60}){1,10}$'

const keyed = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})

/** JSON Schema of the settings of each kind: unknown keys are refused, and every key but `steps` has a default. */
export const PROBE_SETTINGS: Readonly<Record<ProbeKind, object>> = {
  tls: keyed({
    offers: { enum: ['TLSv1.2', 'TLSv1.3'], default: 'TLSv1.2' },
    mutual: { type: 'boolean', default: false },
    revocation: { type: 'boolean', default: false },
    daysLeft: { type: 'integer', minimum: 0, maximum: 365, default: 0 },
    rsaBits: { type: 'integer', minimum: 2_048, maximum: 16_384, default: 2_048 },
    ecBits: { type: 'integer', minimum: 224, maximum: 521, default: 256 },
  }),
  mllp: keyed({
    message: { enum: ['ADT^A28', 'ADT^A31'], default: 'ADT^A28' },
    codes: { type: 'array', items: { enum: ['AA', 'CA', 'AE', 'AR', 'CE', 'CR'] }, minItems: 1, default: ['AA', 'CA'] },
    withinMs: WITHIN,
  }),
  'fhir-capability': keyed({
    fhirVersion: { ...TOKEN, type: ['string', 'null'], default: null },
    resources: {
      type: 'object',
      propertyNames: { pattern: '^[A-Z][A-Za-z]{1,60}$' },
      additionalProperties: TOKENS,
      default: {},
    },
    operations: TOKENS,
    formats: TOKENS,
    security: TOKENS,
    withinMs: WITHIN,
  }),
  'fhir-exchange': keyed(
    {
      steps: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        items: keyed(
          {
            method: { enum: ['GET', 'POST', 'PUT', 'DELETE'] },
            path: {
              type: 'string',
              maxLength: 500,
              pattern: '^([A-Za-z$][\\w$./?=&|:%{}+,-]*)?$',
              not: { pattern: '\\.\\.|//|%2[eEfF]' },
            },
            body: { type: 'object', required: ['resourceType'] },
            status: {
              type: 'array',
              items: { type: 'integer', minimum: 200, maximum: 599 },
              minItems: 1,
              default: [200, 201, 204],
            },
            expect: {
              type: 'object',
              propertyNames: { pattern: PLACE },
              additionalProperties: { type: ['string', 'number', 'boolean'] },
              default: {},
            },
            keep: {
              type: 'object',
              propertyNames: { pattern: VARIABLE },
              additionalProperties: { type: 'string', pattern: PLACE },
              default: {},
            },
            cleanup: { type: 'boolean', default: false },
          },
          ['method', 'path'],
        ),
      },
    },
    ['steps'],
  ),
  mail: keyed({}),
  dicomweb: keyed({ withinMs: WITHIN }),
  clock: keyed({ toleranceMs: { type: 'integer', minimum: 0, maximum: 86_400_000, default: 5_000 } }),
}

const compiled = new Map<ProbeKind, ValidateFunction>()

function checkOf(kind: ProbeKind): ValidateFunction {
  const check =
    compiled.get(kind) ??
    new Ajv({ useDefaults: true, allowUnionTypes: true, strictTypes: false, code: { optimize: false } }).compile(
      PROBE_SETTINGS[kind],
    )
  compiled.set(kind, check)
  return check
}

/** The settings of a kind with their defaults, or where they do not fit (a JSON Pointer, or the key that is unknown). Pure. */
export function readSettings<K extends ProbeKind>(
  kind: K,
  settings: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly settings: ProbeSettings[K] } | { readonly ok: false; readonly at: string } {
  const copy = structuredClone(settings)
  const check = checkOf(kind)
  if (check(copy)) return { ok: true, settings: copy as unknown as ProbeSettings[K] }
  const [first] = check.errors ?? []
  const { additionalProperty, missingProperty } = (first?.params ?? {}) as Readonly<Record<string, unknown>>
  return { ok: false, at: String(additionalProperty ?? missingProperty ?? (first?.instancePath || kind)).slice(0, 100) }
}
