import type { Step } from './schema.ts'

/**
 * Cases of telemedicine. `care_case.state_json` is the case as its happenings made it; both hold content, which goes with
 * retention while the row and its times stay. Nothing here is cut into parts by time. */
export const CASES: Step = {
  name: 'cases',
  adds: true,
  both: `
CREATE TABLE care_case (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  service TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  test INTEGER NOT NULL,
  drill INTEGER NOT NULL,
  site TEXT NOT NULL,
  unit TEXT,
  owner TEXT,
  version INTEGER NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER,
  -- When something is next due: the rung or delay its timer is set for; null: nothing.
  due_at_ms INTEGER,
  task TEXT,
  -- JSON of the case; null: its content was erased.
  state_json TEXT
) WITHOUT ROWID;
CREATE INDEX care_case_open ON care_case (opened_at_ms, id) WHERE closed_at_ms IS NULL;
CREATE INDEX care_case_closed ON care_case (closed_at_ms, id) WHERE closed_at_ms IS NOT NULL;
CREATE INDEX care_case_service ON care_case (service, opened_at_ms, id);
-- at_ms: when it was so. act: JSON of the act; null: erased, and what alone tells of it.
CREATE TABLE care_happening (
  care_case TEXT NOT NULL,
  n INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  what TEXT NOT NULL,
  who TEXT NOT NULL,
  establishment TEXT,
  actor TEXT,
  act TEXT,
  PRIMARY KEY (care_case, n)
) WITHOUT ROWID;
-- What requests join by, while the case is open: HMACs of identifiers, orders and visits; study and accession numbers.
CREATE TABLE care_key (search_key TEXT NOT NULL, care_case TEXT NOT NULL, PRIMARY KEY (search_key, care_case)) WITHOUT ROWID;
CREATE INDEX care_key_case ON care_key (care_case);
-- Which establishments take part, and as what: a case is visible to them alone.
CREATE TABLE care_part (
  establishment TEXT NOT NULL,
  care_case TEXT NOT NULL,
  part TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (establishment, care_case, part)
) WITHOUT ROWID;
CREATE INDEX care_part_case ON care_part (care_case);
-- Messages and resources of a case: they outlive the retention of messages while it is open.
CREATE TABLE care_message (care_case TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY (care_case, message)) WITHOUT ROWID;
CREATE INDEX care_message_message ON care_message (message);
CREATE TABLE care_resource (type TEXT NOT NULL, id TEXT NOT NULL, care_case TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID;
CREATE INDEX care_resource_case ON care_resource (care_case);
`,
}

/** What a case sent to the systems of those who take part, beside its Task. what: request, answer, advice, message, report. */
export const SENDINGS: Step = {
  name: 'sendings',
  adds: true,
  both: `
CREATE TABLE care_sending (care_case TEXT NOT NULL, message TEXT NOT NULL, what TEXT NOT NULL, PRIMARY KEY (care_case, message)) WITHOUT ROWID;
`,
}

/** Who is on duty at a centre, and what of a case's ladder people were told. */
export const DUTY: Step = {
  name: 'duty',
  adds: true,
  both: `
-- place: 1, 2 of a service at a centre; 0 the coordination of the region (centre is empty).
CREATE TABLE duty (
  id TEXT PRIMARY KEY,
  service TEXT NOT NULL,
  centre TEXT NOT NULL,
  place INTEGER NOT NULL,
  person TEXT NOT NULL,
  rpps TEXT,
  phone TEXT NOT NULL,
  mobile TEXT,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  -- "Je prends la garde": when, and what was heard of sound, short message and call; null: not yet.
  taken_at_ms INTEGER,
  taken_by TEXT,
  tests TEXT,
  -- When whoever came after was told what is open; null: not yet.
  handed_at_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX duty_centre ON duty (service, centre, place, from_ms);
CREATE INDEX duty_until ON duty (until_ms);
-- Something to tell somebody of a case, by one channel. It holds no content. state: waiting, sent, delivered, failed,
-- dropped (somebody answered before it left). care_case and n: the happening that made it; of a test at the start of a duty,
-- and of a hand-over, the duty and 0. why: rung, the name of a delay, reminder, duty-test, hand-over. ladder and rung: of a rung.
CREATE TABLE care_notice (
  id TEXT PRIMARY KEY,
  care_case TEXT NOT NULL,
  n INTEGER NOT NULL,
  why TEXT NOT NULL,
  ladder TEXT,
  rung INTEGER,
  told TEXT NOT NULL,
  channel TEXT NOT NULL,
  establishment TEXT,
  target TEXT,
  made_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  state TEXT NOT NULL,
  code TEXT,
  done_at_ms INTEGER,
  -- What the provider calls it, for its delivery report.
  reference TEXT
) WITHOUT ROWID;
CREATE INDEX care_notice_waiting ON care_notice (due_at_ms, id) WHERE state = 'waiting';
CREATE INDEX care_notice_case ON care_notice (care_case, n);
CREATE INDEX care_notice_failed ON care_notice (done_at_ms) WHERE state = 'failed';
CREATE INDEX care_notice_reference ON care_notice (reference) WHERE reference IS NOT NULL;
`,
}

/** Studies that are carried from a site to a centre, and those that came by the door; every instance with where it stands. */
export const IMAGES: Step = {
  name: 'images',
  adds: true,
  both: `
-- source: the archive (a destination) that it is fetched from, or spool:ID where it came by the door of a node.
-- target: the archive that it goes to; null: no centre has accepted yet.
-- state: sought (not found yet), open (listed; on its way or waiting for a centre), held (identity to check), there
-- (counts and UIDs compared at the target), over (the case is closed).
CREATE TABLE image_study (
  id TEXT PRIMARY KEY,
  care_case TEXT,
  site TEXT NOT NULL,
  source TEXT NOT NULL,
  target TEXT,
  uid TEXT,
  accession TEXT,
  state TEXT NOT NULL,
  code TEXT,
  attempts INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  made_at_ms INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX image_study_due ON image_study (source, due_at_ms, id) WHERE state <> 'over';
CREATE INDEX image_study_case ON image_study (care_case) WHERE care_case IS NOT NULL;
CREATE INDEX image_study_uid ON image_study (uid) WHERE uid IS NOT NULL;
-- state: waiting, there, refused. file, at, bytes: where a node keeps what came by its door.
CREATE TABLE image_instance (
  study TEXT NOT NULL,
  uid TEXT NOT NULL,
  series TEXT NOT NULL,
  n INTEGER NOT NULL,
  sop_class TEXT,
  state TEXT NOT NULL,
  code TEXT,
  tries INTEGER NOT NULL,
  coerced TEXT,
  file TEXT,
  at INTEGER,
  bytes INTEGER,
  PRIMARY KEY (study, uid)
) WITHOUT ROWID;
CREATE INDEX image_instance_file ON image_instance (file) WHERE file IS NOT NULL;
-- Every identity that instances of a study bear, as an HMAC, and what the gate said of it. which: traits, no values.
CREATE TABLE image_identity (
  study TEXT NOT NULL,
  identity TEXT NOT NULL,
  result TEXT NOT NULL,
  which TEXT,
  judged_at_ms INTEGER NOT NULL,
  -- A person confirmed that it is the patient's.
  confirmed_at_ms INTEGER,
  PRIMARY KEY (study, identity)
) WITHOUT ROWID;
`,
}

/** Whom images name that are not proved the patient's, for the person who compares: JSON, erased with the case. */
export const IMAGE_TOLD: Step = {
  name: 'image told',
  adds: true,
  both: 'ALTER TABLE image_identity ADD COLUMN told TEXT;',
}

/** Kits of the degraded mode as they were written last, by site: no patient is in them. */
export const KITS: Step = {
  name: 'kits',
  adds: true,
  both: 'CREATE TABLE care_kit (site TEXT PRIMARY KEY, made_at_ms INTEGER NOT NULL, html TEXT NOT NULL) WITHOUT ROWID;',
}

/** Numbers of cases, patients who were registered at a site lately, and steps of the wall clock. */
export const CASE_ENGINE: Step = {
  name: 'case engine',
  adds: true,
  both: `
-- The last number of a series: a service on a day.
CREATE TABLE care_number (series TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
-- Content: gone after two days.
CREATE TABLE care_registered (
  site TEXT NOT NULL,
  patient_key TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  patient TEXT NOT NULL,
  PRIMARY KEY (site, patient_key)
) WITHOUT ROWID;
CREATE INDEX care_registered_at ON care_registered (at_ms);
CREATE INDEX care_registered_site ON care_registered (site, at_ms);
-- Steps of the wall clock; the 0th is none. What is written of a case names the last one, or is refused.
CREATE TABLE care_clock (step INTEGER PRIMARY KEY, by_ms INTEGER NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO care_clock (step, by_ms, at_ms) VALUES (0, 0, 0);
`,
}

/** Times of closed cases, for measures: no patient, no text; they outlive the content of the case. */
export const MEASURES: Step = {
  name: 'measures',
  adds: true,
  both: `
CREATE TABLE care_measure (
  care_case TEXT PRIMARY KEY,
  service TEXT NOT NULL,
  kind TEXT NOT NULL,
  site TEXT NOT NULL,
  centre TEXT,
  state TEXT NOT NULL,
  decision TEXT,
  late INTEGER NOT NULL,
  requested_at_ms INTEGER NOT NULL,
  -- JSON: when each moment was.
  moments TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX care_measure_site ON care_measure (site, requested_at_ms);
CREATE INDEX care_measure_time ON care_measure (requested_at_ms, care_case);
`,
}

/** The unit that asked, so that whoever is bound to units is shown the times of their cases alone. */
export const MEASURE_UNITS: Step = {
  name: 'measure units',
  adds: true,
  both: 'ALTER TABLE care_measure ADD COLUMN unit TEXT;',
}

/**
 * Registrations are written in the commit of their message: by their key alone, since each index more is pages more of that
 * commit. A site has some thousands, and what is old is looked for once an hour. */
export const REGISTERED_LIGHT: Step = {
  name: 'registrations without indexes',
  adds: true,
  both: `
DROP INDEX IF EXISTS care_registered_at;
DROP INDEX IF EXISTS care_registered_site;
`,
}

/** The unit that a patient was registered in, so that whoever is bound to units is offered those of theirs. Null: not told. */
export const REGISTERED_UNITS: Step = {
  name: 'units of registrations',
  adds: true,
  both: 'ALTER TABLE care_registered ADD COLUMN unit TEXT;',
}
