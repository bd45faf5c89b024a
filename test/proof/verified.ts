import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { postgresOptions } from '../journal/postgres-rig.ts'
import { type GatewayPlace, runCommand } from '../support/world/gateway.ts'

/** Every checksum and every counter of a store that no gateway has open: by the command, or through the journal itself. */
export async function verified(place: GatewayPlace): Promise<{ readonly code: number; readonly out: string }> {
  if (!place.store.includes('://')) return runCommand(place, ['verify'])
  const journal = await openPostgresJournal(postgresOptions(place.store, { node: 'verify', checkLast: 0 }))
  try {
    const { checked, damaged } = await journal.verify(null)
    const { received, purged } = await journal.counts()
    const all = checked === received - purged
    return { code: all && damaged.length === 0 ? 0 : 1, out: JSON.stringify({ checked, received, purged, damaged }) }
  } finally {
    await journal.close()
  }
}
