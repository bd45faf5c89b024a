import type { TraceSettings } from '../../core/config.ts'
import { addressProblem } from '../config/check/destinations.ts'
import { error, type Fault } from '../config/problem.ts'
import { keyed, type Piece } from '../config/schema/piece.ts'

/** `traces` as region.yaml has it, defaults filled in. */
export interface WrittenTraces {
  readonly otlp: string
  readonly sample: number
  readonly propagate: boolean
}

/** `traces` in the schema. */
export const tracesPiece: Piece = keyed(
  'One trace per message, for a collector of OpenTelemetry; absent: none. Not part of the shared revision.',
  {
    otlp: {
      type: 'string',
      minLength: 1,
      what: 'an http or https address',
      description: 'Where OTLP is taken over HTTP, in JSON, such as `http://127.0.0.1:4318/v1/traces`.',
    },
    sample: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 1,
      description: 'Part of all messages that is traced; chosen by the id, so that all nodes choose alike.',
    },
    propagate: {
      type: 'boolean',
      default: false,
      description: 'Destinations of type http and fhir are sent `traceparent`.',
    },
  },
  ['otlp'],
)

/** What is wrong with them. Pure. */
export function tracesFaults(traces: WrittenTraces | undefined): Fault[] {
  const problem = traces === undefined ? null : addressProblem(traces.otlp)
  return problem === null ? [] : [error(['traces', 'otlp'], 'BAD_URL', problem)]
}

/** The settings as the gateway uses them. Pure. */
export function traceSettings({ otlp, sample, propagate }: WrittenTraces): TraceSettings {
  return { url: otlp, sample, propagate }
}
