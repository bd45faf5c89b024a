import { stringify } from 'yaml'
import type { OnboardingSheet } from '../../core/onboarding.ts'

const HEAD = `# Lines for region.yaml: the establishment goes under \`establishments\`, the routes under \`routes\`.
# Write in the destinations that are to receive, then: passerelle check, passerelle plan, passerelle apply.
`

/** The block of region.yaml for an establishment, as YAML: itself and a route for each of its flows. Pure. */
export function regionBlock(sheet: OnboardingSheet): string {
  const { establishment, name, kind, finess, facilities, certificates, strict, charset, flows } = sheet
  const ways = sheet.destinations.map(({ name: way, type, address }) => [way, wayOf(type, address)] as const)
  const block = {
    establishments: [
      {
        id: establishment,
        name,
        kind,
        finess: { ...(finess.ej !== null && { ej: finess.ej }), ...(finess.eg.length > 0 && { eg: finess.eg }) },
        strict,
        charset,
        senders: { facilities, ...(certificates.length > 0 && { certificates }) },
        ...(ways.length > 0 && { destinations: Object.fromEntries(ways) }),
      },
    ],
    routes: flows.map(({ id, kinds }) => ({
      name: `${id} of ${establishment}`,
      when: { kinds, from: [establishment] },
      to: ['platform'],
    })),
  }
  return HEAD + stringify(block, { lineWidth: 0, aliasDuplicateObjects: false, defaultStringType: 'PLAIN' })
}

function wayOf(type: string, address: string): object {
  if (type !== 'mllp') return { type, url: address, use: 'qualification' }
  const at = address.lastIndexOf(':')
  return { type, host: address.slice(0, at), port: Number(address.slice(at + 1)), use: 'qualification' }
}
