import type { Step } from './schema.ts'

/** Enrolments of establishments in programmes, how they moved, what was paid, and fractions of targets that people declared. */
export const PROGRAMMES: Step = {
  name: 'programmes',
  adds: true,
  both: `
-- Money is whole cents of euro. establishment: id in region.yaml, where it is one of the region's. domains: ids, with a space between.
-- body: who runs it, and how many establishments it brings. state: candidate, selected, started, target-met, checked, settled, dropped.
-- version grows with every change.
CREATE TABLE programme_enrolment (
  id TEXT PRIMARY KEY,
  programme TEXT NOT NULL,
  finess TEXT NOT NULL,
  establishment TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  department TEXT NOT NULL,
  body_finess TEXT,
  body_name TEXT,
  body_count INTEGER,
  domains TEXT NOT NULL,
  project TEXT,
  track TEXT,
  deposited_on TEXT,
  state TEXT NOT NULL,
  cents INTEGER,
  paid_advance INTEGER NOT NULL,
  paid_start_up INTEGER NOT NULL,
  paid_use INTEGER NOT NULL,
  source TEXT NOT NULL,
  invented INTEGER NOT NULL,
  confirm INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX programme_enrolment_of ON programme_enrolment (programme, finess);
-- One at a time for an establishment and a programme.
CREATE UNIQUE INDEX programme_enrolment_open ON programme_enrolment (programme, finess) WHERE state NOT IN ('settled', 'dropped');
CREATE INDEX programme_enrolment_finess ON programme_enrolment (finess);
CREATE INDEX programme_enrolment_own ON programme_enrolment (establishment) WHERE establishment IS NOT NULL;
-- was: NULL when it was made.
CREATE TABLE programme_step (
  seq INTEGER PRIMARY KEY,
  enrolment TEXT NOT NULL,
  was TEXT,
  state TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at_ms INTEGER NOT NULL
);
CREATE INDEX programme_step_of ON programme_step (enrolment, seq);
-- part: advance, start-up, use. paid_on: YYYY-MM-DD.
CREATE TABLE programme_payment (
  seq INTEGER PRIMARY KEY,
  enrolment TEXT NOT NULL,
  part TEXT NOT NULL,
  cents INTEGER NOT NULL,
  paid_on TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at_ms INTEGER NOT NULL
);
CREATE INDEX programme_payment_of ON programme_payment (enrolment, seq);
-- The last fraction that was declared for a target.
CREATE TABLE programme_value (
  enrolment TEXT NOT NULL,
  target TEXT NOT NULL,
  numerator INTEGER NOT NULL,
  denominator INTEGER NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (enrolment, target)
) WITHOUT ROWID;
`,
}
