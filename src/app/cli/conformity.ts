import { EVIDENCE_STATES } from '../../core/conformity-commands.ts'
import { type Call, type Command, OPTIONS, type Option, text, UsageError } from './command.ts'

const USAGE =
  'passerelle conformity check FILE… | programmes check FILE… | verify FILE --key PEM | publish FILE --reason TEXT | publish FILE --check | withdraw NAME --reason TEXT | evidence list | evidence review ID --accept|--reject --reason TEXT'

const option = (value: string, en: string, fr: string): Option => ({ type: 'string', value, help: { en, fr } })
const flag = (en: string, fr: string): Option => ({ type: 'boolean', help: { en, fr } })

/** `conformity`: frameworks and evidence of the gateway that runs. */
export const conformityCommand: Command = {
  name: 'conformity',
  positionals: ['check|programmes|publish|withdraw|evidence|verify', 'WORD…'],
  summary: {
    en: 'checks, publishes or withdraws a framework, checks programmes, lists and reviews evidence, verifies a signed statement',
    fr: 'vérifie, publie ou retire un référentiel, vérifie des programmes, liste et examine les preuves, vérifie un constat signé',
  },
  options: {
    region: OPTIONS.region,
    store: OPTIONS.store,
    url: OPTIONS.url,
    reason: OPTIONS.reason,
    key: option('PEM', 'verify: public key of the region', 'verify : clé publique de la région'),
    check: flag('publish: tell what is wrong, publish nothing', 'publish : dire ce qui ne va pas, ne rien publier'),
    establishment: option('ID', 'evidence list: of this establishment', 'evidence list : de cet établissement'),
    state: option(
      'STATE',
      `evidence list: ${EVIDENCE_STATES.join(', ')}`,
      `evidence list : ${EVIDENCE_STATES.join(', ')}`,
    ),
    accept: flag('evidence review: it counts', 'evidence review : elle compte'),
    reject: flag('evidence review: it does not count', 'evidence review : elle ne compte pas'),
    until: option(
      'DAY',
      'evidence review: last day on which it counts',
      'evidence review : dernier jour où elle compte',
    ),
  },
  async run(call) {
    const [what, first, second, ...more] = call.positionals
    const files = call.positionals.slice(1)
    if (what === 'verify') return (await import('./conformity-verify.ts')).verifyStatement(files, call)
    if (what === 'check') return (await import('./conformity-check.ts')).checkFrameworks(files, call)
    if (what === 'programmes' && first === 'check' && second !== undefined)
      return (await import('./conformity-check.ts')).checkProgrammes(files.slice(1), call)
    if (first === undefined || more.length > 0) throw new UsageError(USAGE)
    const calls = await import('./conformity-calls.ts')
    if (what === 'evidence' && first === 'list' && second === undefined) return calls.listEvidence(call)
    if (what === 'evidence' && first === 'review' && second !== undefined)
      return calls.reviewEvidence(second, { ...decisionOf(call), reason: reasonOf(call) }, call)
    if (second !== undefined) throw new UsageError(USAGE)
    if (what === 'publish') {
      const isCheck = call.values['check'] === true
      return calls.publishFramework(first, isCheck ? null : reasonOf(call), call)
    }
    if (what === 'withdraw') return calls.withdrawFramework(first, reasonOf(call), call)
    throw new UsageError(USAGE)
  },
}

/** @throws {UsageError} */
function reasonOf(call: Call): string {
  const reason = text(call, 'reason')
  if (reason === undefined) throw new UsageError('--reason TEXT')
  return reason
}

/** @throws {UsageError} when it is both, or neither */
function decisionOf(call: Call): { readonly accept: boolean; readonly until?: string } {
  const [accept, reject] = [call.values['accept'] === true, call.values['reject'] === true]
  const until = text(call, 'until')
  if (accept === reject || (reject && until !== undefined)) throw new UsageError('--accept [--until DAY] | --reject')
  return { accept, ...(until === undefined ? {} : { until }) }
}
