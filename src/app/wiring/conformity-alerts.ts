import type { Regressed } from '../../conformity/regressions.ts'
import { type Framework, frameworkName, type Level } from '../../core/conformity.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'

/**
 * What people should look at: one for each establishment and requirement that is met less well than it was. Where that is so of
 * both uses, it is production that is told. What no framework in force asks any more is nothing to look at;
 * null: nothing was read yet. Pure. */
export function regressionConditions(regressed: Regressed | null): readonly Condition[] {
  if (regressed === null) return []
  const { verdicts, frameworks } = regressed
  const levels = new Map(frameworks.flatMap(levelsOf))
  const conditions = new Map<string, Condition>()
  for (const one of verdicts.toSorted((a, b) => Number(b.use === 'production') - Number(a.use === 'production'))) {
    const { establishment, framework, requirement, use, good, total } = one
    const cause = `conformity:${establishment}:${framework}:${requirement}`
    const level = levels.get(`${framework} ${requirement}`)
    if (level === undefined || conditions.has(cause)) continue
    const share = total === 0 ? {} : { share: Math.floor((100 * good) / total) }
    conditions.set(cause, {
      ...{ cause, kind: 'conformity', code: 'CONFORMITY_REGRESSED', establishment },
      severity: level === 'mandatory' ? 'important' : 'info',
      subject: `${establishment} ${requirement}`,
      params: { requirement, framework, use, ...share },
    })
  }
  return [...conditions.values()]
}

function levelsOf(framework: Framework): (readonly [key: string, level: Level])[] {
  const name = frameworkName(framework)
  return framework.domains.flatMap(({ requirements }) =>
    requirements.map(({ id, level }) => [`${name} ${id}`, level] as const),
  )
}
