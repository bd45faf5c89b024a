/** Conformity as the API tells it: times ISO 8601. */
import type { EstablishmentConformity, RequirementLine, VerdictChange } from '../core/conformity-views.ts'

const iso = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString())

/** A change of a verdict. */
export function changeJson({ n: _, atMs, ...change }: VerdictChange) {
  return { at: iso(atMs), ...change }
}

/** Everything of one establishment. */
export function establishmentJson({ lines, lapsing, history, ...one }: EstablishmentConformity) {
  return {
    ...one,
    requirements: lines.map(lineJson),
    lapsing: lapsing.map(({ requirement, untilMs }) => ({ requirement, until: iso(untilMs) })),
    history: history.map(changeJson),
  }
}

function lineJson({ requirement, untilMs, sinceMs, judgedAtMs, found, domain, ...line }: RequirementLine) {
  const { id, level, text, next, confirm } = requirement
  return {
    ...{ requirement: id, domain, level, text, next, confirm },
    ...line,
    found: found.map(({ examples, ...one }) => ({
      ...one,
      examples: examples.map(({ message, kind, atMs }) => ({ message, kind, at: iso(atMs) })),
    })),
    ...{ since: iso(sinceMs), judgedAt: iso(judgedAtMs), until: iso(untilMs) },
  }
}
