import type { CasesOfPatients, KeptCase } from '../../src/core/privacy.ts'

/** Cases of patients as a test says they are, whoever is asked for. */
export const casesThatAre = (found: readonly KeptCase[] = []): CasesOfPatients => ({
  find: async () => found,
  async *lines() {},
  forget: () => [],
})
