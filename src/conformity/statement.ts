import { type Framework, frameworkName } from '../core/conformity.ts'
import { STATEMENT_NOTICE, type StatedRequirement, type Statement } from '../core/conformity-statement.ts'
import type { EstablishmentConformity, RequirementLine } from '../core/conformity-views.ts'
import { dayOf, firstOf, isoOf } from './day.ts'
import { windowsOf } from './judge/judge.ts'

/** Where and when a statement is made. */
export interface StatementPlace {
  readonly region: { readonly name: string; readonly timeZone: string }
  readonly nowMs: number
}

/** The statement of what an establishment is shown as, requirements in the order of the framework. Pure. */
export function statementOf(
  shown: EstablishmentConformity,
  framework: Framework,
  { region, nowMs }: StatementPlace,
): Statement {
  const today = dayOf(nowMs, region.timeZone)
  const lines = new Map(shown.lines.map((line) => [line.requirement.id, line]))
  const iso = (ms: number): string => isoOf(ms, region.timeZone)
  return {
    ...{ kind: 'passerelle-conformity-statement', version: 1, notice: STATEMENT_NOTICE, region: region.name },
    establishment: {
      ...{ id: shown.id, name: shown.name, kind: shown.kind },
      finess: shown.finess.ej ?? shown.finess.eg[0] ?? null,
    },
    framework: {
      ...{ name: frameworkName(framework), title: framework.name },
      ...{ publisher: framework.publisher, confirm: framework.confirm },
    },
    use: shown.use,
    madeAt: iso(nowMs),
    window: { from: firstOf(Math.max(1, ...windowsOf([framework])), today), to: today },
    share: shown.share,
    requirements: framework.domains.flatMap(({ name, requirements }) =>
      requirements.flatMap(({ id }) => {
        const line = lines.get(id)
        return line === undefined ? [] : [{ ...statedOf(line, iso), domain: name }]
      }),
    ),
  }
}

function statedOf(line: RequirementLine, iso: (ms: number) => string): Omit<StatedRequirement, 'domain'> {
  const { id, level, text, source, confirm, judging } = line.requirement
  const { verdict, why, good, total, software, sinceMs } = line
  return {
    ...{ id, level, text, confirm, judgedBy: judging.by, verdict, why, good, total, software },
    source: source.clause === null ? source.document : `${source.document}, ${source.clause}`,
    since: sinceMs === null ? null : iso(sinceMs),
  }
}
