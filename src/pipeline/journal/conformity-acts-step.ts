import type { Step } from './schema.ts'

/** Who took back a framework or evidence, when and why. */
export const CONFORMITY_ACTS: Step = {
  name: 'conformity acts',
  adds: true,
  both: `
ALTER TABLE conformity_framework ADD COLUMN withdrawn_by TEXT;
ALTER TABLE conformity_framework ADD COLUMN withdrawn_at_ms INTEGER;
ALTER TABLE conformity_framework ADD COLUMN withdrawn_why TEXT;
ALTER TABLE conformity_evidence ADD COLUMN withdrawn_by TEXT;
ALTER TABLE conformity_evidence ADD COLUMN withdrawn_at_ms INTEGER;
ALTER TABLE conformity_evidence ADD COLUMN withdrawn_why TEXT;
CREATE INDEX conformity_evidence_state ON conformity_evidence (state, id);
`,
}

/** Where a probe was asked, and as whose: what its result holds for. Null: an older release did not say. */
export const PROBE_ASKED: Step = {
  name: 'probe asked',
  adds: true,
  both: 'ALTER TABLE conformity_probe ADD COLUMN asked TEXT;',
}
