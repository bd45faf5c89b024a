import type { Step } from './schema.ts'

/** What conformity counts, what was filed and found, and what it comes to. No content, and no patient. */
export const CONFORMITY: Step = {
  name: 'conformity',
  adds: true,
  both: `
-- Messages of one day (YYYY-MM-DD in the region's time zone). use: production, qualification. side: sent, received.
-- application: MSH-3 as sent, or the destination asked. signature: which findings a message had, or how it was answered.
CREATE TABLE conformity_count (
  establishment TEXT NOT NULL,
  use TEXT NOT NULL,
  side TEXT NOT NULL,
  day TEXT NOT NULL,
  kind TEXT NOT NULL,
  application TEXT NOT NULL,
  signature TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (establishment, use, side, day, kind, application, signature)
) WITHOUT ROWID;
-- A few messages for each finding, so that people see what is meant.
CREATE TABLE conformity_example (
  establishment TEXT NOT NULL,
  use TEXT NOT NULL,
  finding TEXT NOT NULL,
  slot INTEGER NOT NULL,
  message TEXT NOT NULL,
  kind TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (establishment, use, finding, slot)
) WITHOUT ROWID;
-- change: grows whenever something changes that verdicts rest on; judged, day: what they were last made of.
CREATE TABLE conformity_standing (
  establishment TEXT NOT NULL,
  use TEXT NOT NULL,
  change INTEGER NOT NULL,
  judged INTEGER NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (establishment, use)
) WITHOUT ROWID;
CREATE TABLE conformity_mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- regressed_from: what it was before it became worse, until it is met again.
CREATE TABLE conformity_verdict (
  use TEXT NOT NULL,
  framework TEXT NOT NULL,
  establishment TEXT NOT NULL,
  requirement TEXT NOT NULL,
  verdict TEXT NOT NULL,
  why TEXT NOT NULL,
  good INTEGER NOT NULL,
  total INTEGER NOT NULL,
  found TEXT NOT NULL,
  software TEXT NOT NULL,
  until_ms INTEGER,
  since_ms INTEGER NOT NULL,
  judged_at_ms INTEGER NOT NULL,
  regressed_from TEXT,
  PRIMARY KEY (use, framework, establishment, requirement)
) WITHOUT ROWID;
CREATE INDEX conformity_verdict_of ON conformity_verdict (establishment, use);
CREATE INDEX conformity_verdict_regressed ON conformity_verdict (since_ms) WHERE regressed_from IS NOT NULL;
CREATE TABLE conformity_change (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  use TEXT NOT NULL,
  establishment TEXT NOT NULL,
  framework TEXT NOT NULL,
  requirement TEXT NOT NULL,
  was TEXT,
  verdict TEXT NOT NULL,
  why TEXT NOT NULL,
  good INTEGER NOT NULL,
  total INTEGER NOT NULL
);
CREATE INDEX conformity_change_at ON conformity_change (at_ms);
CREATE INDEX conformity_change_of ON conformity_change (establishment, at_ms);

-- state: published, withdrawn. yaml: as it was published, for ever.
CREATE TABLE conformity_framework (
  name TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  version TEXT NOT NULL,
  state TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  yaml TEXT NOT NULL,
  who TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- state: filed, accepted, rejected, withdrawn. statement: in words; file: a document in chunks beside it.
CREATE TABLE conformity_evidence (
  id TEXT PRIMARY KEY,
  establishment TEXT NOT NULL,
  framework TEXT NOT NULL,
  requirement TEXT NOT NULL,
  state TEXT NOT NULL,
  statement TEXT NOT NULL,
  file TEXT,
  media_type TEXT,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  filed_by TEXT NOT NULL,
  filed_at_ms INTEGER NOT NULL,
  valid_until_ms INTEGER,
  reviewed_by TEXT,
  reviewed_at_ms INTEGER,
  reason TEXT
) WITHOUT ROWID;
CREATE INDEX conformity_evidence_of ON conformity_evidence (establishment, framework, requirement);
CREATE TABLE conformity_evidence_part (
  evidence TEXT NOT NULL,
  n INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (evidence, n)
) WITHOUT ROWID;
-- A verdict that an officer sets, with a reason, until a day or for good.
CREATE TABLE conformity_override (
  use TEXT NOT NULL,
  framework TEXT NOT NULL,
  establishment TEXT NOT NULL,
  requirement TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL,
  who TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  until_ms INTEGER,
  PRIMARY KEY (use, framework, establishment, requirement)
) WITHOUT ROWID;
-- The last result of each endpoint, for what it was asked for. name: framework@version/requirement.
CREATE TABLE conformity_probe (
  establishment TEXT NOT NULL,
  use TEXT NOT NULL,
  name TEXT NOT NULL,
  probe TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  outcome TEXT NOT NULL,
  faults TEXT NOT NULL,
  facts TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (establishment, use, name, endpoint)
) WITHOUT ROWID;
`,
}
