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
