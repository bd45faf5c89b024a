/** A programme as its file writes it → the programme that rules work with. Pure. */
import type {
  DepositDays,
  PaymentShares,
  Programme,
  ProgrammeMilestone,
  ProgrammeTarget,
  ProgrammeTrack,
} from '../../core/programmes.ts'
import { centsOf } from '../../formats/money.ts'
import { daysOf } from '../framework/compile.ts'
import type { WrittenDeposit, WrittenMilestone, WrittenProgramme, WrittenTarget, WrittenTrack } from './written.ts'

/** Basis points of a share: 1250 of `12.5 %`. No fraction on the way. */
export function basisPoints(text: string): number {
  const [whole = '0', part = ''] = text.replace(/ ?%$/, '').split('.')
  return Number(whole) * 100 + Number(part.padEnd(2, '0'))
}

/** Framework and requirement of `hopen@2019 P1.1`. */
export function requirementOfText(text: string): ProgrammeMilestone['requirements'][number] {
  const [framework = '', requirement = ''] = text.split(' ')
  return { framework, requirement }
}

/** What each part is of the whole. */
export function sharesOf({ advance, startUp, use }: WrittenProgramme['payment']): PaymentShares {
  return { advance: basisPoints(advance), 'start-up': basisPoints(startUp), use: basisPoints(use) }
}

/** The programme of a file in which `programmeProblems` found nothing. */
export function programmeOf(written: WrittenProgramme): Programme {
  const { id, name, publisher, period, source, confirm, kinds, domainsEach, payment } = written
  return {
    ...{ id, name, publisher, source, confirm, kinds },
    period: { from: period.from, to: period.to ?? null, confirm: period.confirm },
    envelopes: written.envelopes.map(({ scope, amount, source: where, confirm: unsure }) => ({
      ...{ scope, cents: centsOf(amount) ?? 0, source: where, confirm: unsure },
    })),
    domains: written.domains.map((one) => ({ ...one, deposit: depositOf(one.deposit) })),
    domainsEach: domainsEach?.most ?? null,
    domainsEachConfirm: domainsEach?.confirm ?? false,
    exceptions: domainsEach?.exceptions ?? [],
    tracks: written.tracks.map(trackOf),
    projects: written.projects,
    shares: sharesOf(payment),
    sharesSource: payment.source,
    sharesConfirm: payment.confirm,
    targets: written.targets.map(targetOf),
    milestones: written.milestones.map(milestoneOf),
  }
}

function depositOf(written: WrittenDeposit | undefined): DepositDays | null {
  return written === undefined ? null : { from: written.from ?? null, to: written.to ?? null }
}

function trackOf({ id, name, minimum, maximum, deposit, source, confirm }: WrittenTrack): ProgrammeTrack {
  return {
    ...{ id, name, minimum: minimum ?? null, maximum: maximum ?? null, source, confirm },
    deposit: depositOf(deposit),
  }
}

function targetOf({ domains, threshold, counts, ...rest }: WrittenTarget): ProgrammeTarget {
  return {
    ...rest,
    domains: domains ?? null,
    threshold: basisPoints(threshold),
    counts:
      counts === undefined
        ? null
        : {
            numerator: counts.numerator,
            denominator: counts.denominator,
            windowDays: daysOf(counts.window),
            minimum: counts.minimum,
          },
  }
}

function milestoneOf({ domains, requirements, ...rest }: WrittenMilestone): ProgrammeMilestone {
  return { ...rest, domains: domains ?? null, requirements: requirements.map(requirementOfText) }
}
