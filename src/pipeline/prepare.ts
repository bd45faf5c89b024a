import type { Config, RouteRule } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { FhirAsk } from '../core/fhir.ts'
import type { Journal, QueueEntry, StoredRevision } from '../core/journal.ts'
import type { MessageId } from '../core/message.ts'
import type { JsonObject } from '../formats/fhir/json.ts'
import type { Prepare, Prepared, RefusedWork } from './deliver.ts'
import { editStep } from './edit.ts'
import { versionBefore } from './fhir/reads.ts'
import { charsetStep, transformStep } from './transform-step.ts'
import { bodyOver, bytesOf, withoutWithheld } from './withheld.ts'

/** Revisions kept compiled: more than run while the deliveries of one wait. */
const REVISIONS_KEPT = 8

/** What a step may look at beside the message: the delivery, and its route in the revision that routed it. */
export interface StepContext {
  readonly entry: QueueEntry
  readonly config: Config
  /** Null: made by hand (a replay), or an answer of our own. */
  readonly route: RouteRule | null
  /** Establishment that sent the message, asked of the store; null: none of the region. */
  readonly sender: () => Promise<string | null>
  /**
   * The version of the Patient before the one that the message wrote, alone or as a transaction, asked of the store; null:
   * no longer kept; undefined: there is none, or several were written. */
  readonly patientBefore: () => Promise<JsonObject | null | undefined>
}

/** One step of our own work on a message before it leaves. */
export interface OutgoingStep {
  /** Is there anything to do? Asked before the body is opened. */
  needed(context: StepContext): boolean
  /** The message after the step. What it throws counts as our failure: five in a row poison the delivery. */
  run(message: Prepared, context: StepContext): Promise<Prepared | RefusedWork>
}

/** The INS rule: what was withheld when the message was accepted does not leave, whatever the way. */
const withheldStep: OutgoingStep = {
  needed: ({ entry }) => entry.withheld !== null,
  async run(message, { entry }) {
    return { ...message, body: bodyOver(withoutWithheld(await bytesOf(message.body), entry.withheld)) }
  },
}

/** The steps in their order: what later ones see is what earlier ones left. */
export const STEPS: readonly OutgoingStep[] = [withheldStep, transformStep, charsetStep, editStep]

/** What preparing needs. `compile`: a stored revision as a configuration; it need not read TLS files. */
export interface PrepareParts {
  readonly journal: Pick<Journal, 'revisionOf' | 'look' | 'body'>
  readonly compile: (stored: StoredRevision) => Config
}

/**
 * Our own work on messages before they leave: the steps that each needs, in order. A delivery that needs none goes as it
 * came, and nothing is read for it. PROCESSING_FAILED when the revision is gone that routed it. */
export function preparing({ journal, compile }: PrepareParts, steps: readonly OutgoingStep[] = STEPS): Prepare {
  const compiled = new Map<number, Promise<Config>>()
  const configOf = (revision: number): Promise<Config> => {
    const known = compiled.get(revision) ?? load(revision)
    // Taken out and put back: the map's first is the one not used for longest.
    compiled.delete(revision)
    compiled.set(revision, known)
    const [oldest] = compiled.keys()
    if (compiled.size > REVISIONS_KEPT && oldest !== undefined) compiled.delete(oldest)
    known.catch(() => compiled.delete(revision))
    return known
  }
  const load = async (revision: number): Promise<Config> => {
    const stored = await journal.revisionOf(revision)
    if (stored === null) throw new GatewayError('PROCESSING_FAILED', `revision ${revision} is gone`)
    return compile(stored)
  }
  return async (entry) => {
    const config = await configOf(entry.revision)
    const route = config.routes.find(({ name }) => name === entry.route) ?? null
    const sender = () => senderOf(entry.messageId, journal)
    const inside = entry.kind.startsWith('Bundle:')
    const patientBefore = () => versionBefore({ message: entry.messageId, type: 'Patient', inside }, journal)
    const context: StepContext = { entry, config, route, sender, patientBefore }
    const due = steps.filter((step) => step.needed(context))
    if (due.length === 0) return null
    return async (body) => {
      const ask = entry.ask === null ? null : (JSON.parse(entry.ask) as FhirAsk)
      let message: Prepared = { body, findings: [], ask, kind: entry.kind }
      for (const step of due) {
        const next = await step.run(message, context)
        if ('code' in next) return next
        message = next
      }
      return message
    }
  }
}

async function senderOf(id: MessageId, journal: Pick<Journal, 'look'>): Promise<string | null> {
  const [row] = await journal.look<{ establishment: string | null }>({
    sql: 'SELECT establishment FROM message WHERE id = ?',
    parameters: [id],
  })
  return row?.establishment ?? null
}
