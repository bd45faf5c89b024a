import { configurationPlugin } from '../../console/configuration.ts'
import { onboardingPlugin } from '../../console/onboarding.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { onboardingCommands } from '../../pipeline/onboarding/commands.ts'
import { onboardingViews } from '../../pipeline/onboarding/views.ts'
import { shippedProfiles } from '../config/index.ts'
import { regionBlock } from '../onboarding/block.ts'
import { readOnboarding } from '../onboarding/rules.ts'
import { configViews } from './config-views.ts'
import type { ConsoleSources } from './console.ts'
import { drafts } from './drafts.ts'
import { prober } from './onboarding-probe.ts'

/** The pages of the configuration, and those of onboarding. */
export function regionPages(sources: ConsoleSources): HttpPlugin[] {
  const { journal, config, version, clock, log, region, source, changes, profiles = shippedProfiles() } = sources
  const shell = { config, version, demo: false }
  const { rules, unusable } = readOnboarding(profiles)
  for (const rule of unusable) log.warn('onboarding.unusable', { rule })
  const doors = () => [...region.node().mllp, ...region.node().http]
  const tls = () => doors().find((door) => door.tls !== null)?.tls ?? null
  const acting = { journal, config, rules, clock, probe: prober({ config, tls, clock }) }
  const views = configViews({ journal, node: region.node, profiles })
  return [
    configurationPlugin({ ...shell, views, drafts: drafts({ journal, region, place: source?.place, changes }) }),
    onboardingPlugin({
      ...shell,
      views: onboardingViews(acting),
      commands: onboardingCommands(acting),
      doors: views.doors,
      block: regionBlock,
    }),
  ]
}
