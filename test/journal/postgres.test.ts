import { describe } from 'vitest'
import { journalContract } from '../contract/journal.ts'
import { retentionContract } from '../contract/retention.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { postgresRig } from './postgres-rig.ts'

const need = missingPostgres()

describe.skipIf(need !== null)(`the store on PostgreSQL${need === null ? '' : `: ${need}`}`, () => {
  journalContract('postgres', postgresRig)
  retentionContract('postgres', postgresRig)
})
