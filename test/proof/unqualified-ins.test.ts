import { test } from 'vitest'
import { seedOfRun } from '../support/world/random.ts'
import { proveIns } from './unqualified-ins.ts'

test('no INS of an identity that is not qualified leaves in 2,000 messages of each format, and nothing else changes', () => {
  proveIns(2_000, seedOfRun())
})
