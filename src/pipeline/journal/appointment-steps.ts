import type { Step } from './schema.ts'

/** Slots and appointments of teleconsultation, and photos and documents of cases. */
export const APPOINTMENTS: Step = {
  name: 'appointments',
  adds: true,
  both: `
-- state: free, busy, withdrawn. appointment: what has it. schedule: id of its Schedule.
CREATE TABLE slot (
  id TEXT PRIMARY KEY,
  service TEXT NOT NULL,
  centre TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  state TEXT NOT NULL,
  source TEXT NOT NULL,
  appointment TEXT,
  schedule TEXT,
  changed_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX slot_service ON slot (service, start_ms, id);
CREATE INDEX slot_centre ON slot (centre, service, start_ms);
-- No clinical text. number: of its case. filler: number that the centre's own system gave it.
CREATE TABLE appointment (
  id TEXT PRIMARY KEY,
  care_case TEXT NOT NULL,
  number TEXT NOT NULL,
  service TEXT NOT NULL,
  site TEXT NOT NULL,
  unit TEXT,
  centre TEXT NOT NULL,
  status TEXT NOT NULL,
  slot TEXT,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  requester_at_ms INTEGER,
  patient_at_ms INTEGER,
  expert_at_ms INTEGER,
  cancelled TEXT,
  filler TEXT,
  encounter TEXT,
  test INTEGER NOT NULL,
  drill INTEGER NOT NULL,
  version INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
-- A case has one appointment at a time.
CREATE UNIQUE INDEX appointment_open ON appointment (care_case) WHERE status IN ('proposed', 'booked', 'arrived');
CREATE INDEX appointment_case ON appointment (care_case);
CREATE INDEX appointment_start ON appointment (start_ms, id);
CREATE INDEX appointment_filler ON appointment (filler) WHERE filler IS NOT NULL;
`,
}

/**
 * Counts the changes of a slot: what FHIR calls its version. Of a slot that is a resource it is the version of that resource
 * which the row stands for. */
export const SLOT_VERSIONS: Step = {
  name: 'versions of slots',
  adds: true,
  both: `
ALTER TABLE slot ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
UPDATE slot SET version = (SELECT r.version FROM resource r WHERE r.type = 'Slot' AND r.id = slot.id)
  WHERE EXISTS (SELECT 1 FROM resource r WHERE r.type = 'Slot' AND r.id = slot.id);
CREATE INDEX slot_schedule ON slot (schedule) WHERE schedule IS NOT NULL;
`,
}

/** Bytes of photos and documents: in rows of their own, so that none is long and both stores keep them alike. */
export const ATTACHMENTS: Step = {
  name: 'attachments',
  adds: true,
  both: `
-- Bytes on their way. chunks: rows of them in attachment_chunk, whose holder it is.
CREATE TABLE upload (
  id TEXT PRIMARY KEY,
  establishment TEXT NOT NULL,
  care_case TEXT,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  received INTEGER NOT NULL,
  chunks INTEGER NOT NULL,
  sha256 TEXT,
  who TEXT NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  attachment TEXT
) WITHOUT ROWID;
CREATE INDEX upload_establishment ON upload (establishment) WHERE attachment IS NULL;
CREATE INDEX upload_case ON upload (care_case) WHERE care_case IS NOT NULL;
-- What is kept. care_case null: of a request that is still being written.
CREATE TABLE attachment (
  id TEXT PRIMARY KEY,
  care_case TEXT,
  establishment TEXT NOT NULL,
  type TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  width INTEGER,
  height INTEGER,
  chunks INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  who TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX attachment_case ON attachment (care_case) WHERE care_case IS NOT NULL;
-- holder: an upload or an attachment.
CREATE TABLE attachment_chunk (holder TEXT NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (holder, n));
`,
}
