import type { Config } from '../../../core/config.ts'
import { isTrialRegion, type Use } from '../../../core/config.ts'
import { type Framework, frameworkName } from '../../../core/conformity.ts'
import type { ConformityAsk, ConformityViews } from '../../../core/conformity-views.ts'
import { GatewayError } from '../../../core/errors.ts'

/** What somebody looks at, and what else there is to choose. */
export interface Looking {
  readonly ask: ConformityAsk
  readonly framework: Framework
  readonly frameworks: readonly Framework[]
}

/**
 * The framework of that name, or the first in force; for the use asked for, else for qualification where nothing is in
 * production yet. Null: no framework is in force. @throws {GatewayError} NOT_FOUND when a name is none of them */
export async function lookingAt(
  views: Pick<ConformityViews, 'frameworks'>,
  config: Pick<Config, 'destinations'>,
  asked: { readonly framework: string | null; readonly use: string | null },
): Promise<Looking | null> {
  const frameworks = await views.frameworks()
  const wanted = asked.framework === null || asked.framework === '' ? null : asked.framework
  const framework = wanted === null ? frameworks[0] : frameworks.find((one) => frameworkName(one) === wanted)
  if (framework === undefined) {
    if (wanted !== null) throw new GatewayError('NOT_FOUND')
    return null
  }
  return { ask: { framework: frameworkName(framework), use: useAsked(asked.use, config) }, framework, frameworks }
}

/** The use asked for, else qualification where nothing is in production yet. Pure. */
export function useAsked(text: string | null, config: Pick<Config, 'destinations'>): Use {
  return useOf(text) ?? (isTrialRegion(config) ? 'qualification' : 'production')
}

function useOf(text: string | null): Use | null {
  return text === 'production' || text === 'qualification' ? text : null
}
