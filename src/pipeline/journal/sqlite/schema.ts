/**
 * The tables of the store, as numbered migrations. A migration that has shipped never changes; the next one follows it.
 * Rows hold ms as integers, ids and JSON as text, flags 0/1, bytes as blobs: nothing that another store could not hold. */

/** One step of the schema; applied in one transaction. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

const FIRST = `
-- A message as accepted. seq is its position. Everything but findings, state, open and parked is immutable and under
-- the checksum. open and parked count its deliveries by standing; state follows from them.
CREATE TABLE message (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  received_at_ms INTEGER NOT NULL,
  committed_at_ms INTEGER NOT NULL,
  entrance TEXT NOT NULL,
  peer TEXT NOT NULL,
  establishment TEXT,
  kind TEXT NOT NULL,
  control_id TEXT NOT NULL,
  application TEXT NOT NULL,
  facility TEXT NOT NULL,
  receiving_application TEXT NOT NULL,
  receiving_facility TEXT NOT NULL,
  test INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  order_keys TEXT NOT NULL,
  patient_keys TEXT NOT NULL,
  revision INTEGER NOT NULL,
  parent TEXT,
  cause TEXT,
  ask TEXT,
  checksum INTEGER NOT NULL,
  findings TEXT NOT NULL,
  state TEXT NOT NULL,
  open INTEGER NOT NULL,
  parked INTEGER NOT NULL
);
CREATE INDEX message_control_id ON message (control_id);
-- For searches, newest first: seq follows each key by itself. The sender's index holds the kind, which is asked with it.
CREATE INDEX message_sender ON message (establishment, seq, kind);
CREATE INDEX message_kind ON message (kind);
CREATE INDEX message_parked ON message (seq) WHERE state = 'parked';
CREATE INDEX message_received ON message (received_at_ms);
CREATE INDEX message_size ON message (bytes);
CREATE INDEX message_door ON message (entrance, test);
CREATE INDEX message_parent ON message (parent) WHERE parent IS NOT NULL;
CREATE INDEX message_cause ON message (cause) WHERE cause IS NOT NULL;

-- The bytes: data, or a file below bodies/ when they are many. key_id 0: not encrypted.
CREATE TABLE body (
  message_seq INTEGER PRIMARY KEY,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  key_id INTEGER NOT NULL,
  data BLOB,
  file TEXT
);

-- One message on its way to one destination. holds: later deliveries of its order keys wait for it.
-- held: an unknown one that waits for a person.
CREATE TABLE delivery (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  message_seq INTEGER NOT NULL,
  destination TEXT NOT NULL,
  route TEXT NOT NULL,
  lane TEXT NOT NULL,
  state TEXT NOT NULL,
  held INTEGER NOT NULL,
  holds INTEGER NOT NULL,
  committed_at_ms INTEGER NOT NULL,
  moved_at_ms INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  last_code TEXT,
  same_code INTEGER NOT NULL,
  replay_of TEXT
);
CREATE INDEX delivery_message ON delivery (message_seq);
CREATE INDEX delivery_destination ON delivery (destination, message_seq);
CREATE INDEX delivery_code ON delivery (last_code, message_seq) WHERE last_code IS NOT NULL;
CREATE INDEX delivery_queue ON delivery (destination, seq) WHERE holds = 1;
CREATE INDEX delivery_urgent ON delivery (destination, seq) WHERE holds = 1 AND lane = 'urgent';
CREATE INDEX delivery_sending ON delivery (seq) WHERE state = 'sending';
CREATE INDEX delivery_replay ON delivery (replay_of) WHERE replay_of IS NOT NULL;

CREATE TABLE attempt (
  delivery_seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  started_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  answer TEXT,
  PRIMARY KEY (delivery_seq, n)
) WITHOUT ROWID;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  why TEXT,
  code TEXT,
  message TEXT,
  delivery TEXT,
  detail TEXT
);
CREATE INDEX event_message ON event (message) WHERE message IS NOT NULL;
CREATE INDEX event_delivery ON event (delivery) WHERE delivery IS NOT NULL;

-- Search keys of patients (never an identifier itself) and the messages that bear them: for people who search, and for
-- what an urgent delivery must look behind itself for.
-- New ones are appended to message_key_new and sorted into message_key by the thousand; bucket is message_seq >> 16.
CREATE TABLE message_key (
  bucket INTEGER NOT NULL,
  search_key TEXT NOT NULL,
  message_seq INTEGER NOT NULL,
  PRIMARY KEY (bucket, search_key, message_seq)
) WITHOUT ROWID;
CREATE TABLE message_key_new (
  message_seq INTEGER NOT NULL,
  search_key TEXT NOT NULL,
  PRIMARY KEY (message_seq, search_key)
) WITHOUT ROWID;
-- The buckets there are, for a search in each of them.
CREATE VIEW message_bucket AS
  WITH RECURSIVE bucket (n) AS (
    SELECT 0 UNION ALL SELECT n + 1 FROM bucket WHERE n < (SELECT coalesce(max(seq), 0) >> 16 FROM message)
  )
  SELECT n FROM bucket;
-- The codes of a message's findings, for searches.
CREATE TABLE message_finding (
  code TEXT NOT NULL,
  message_seq INTEGER NOT NULL,
  PRIMARY KEY (code, message_seq)
) WITHOUT ROWID;

-- What was accepted under a repeat key, with the answers given. Outlives the message.
CREATE TABLE repeat (
  repeat_key TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  message TEXT NOT NULL,
  answer BLOB,
  application_answer BLOB,
  at_ms INTEGER NOT NULL
);

CREATE TABLE refusal (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  at_ms INTEGER NOT NULL,
  entrance TEXT NOT NULL,
  peer TEXT NOT NULL,
  establishment TEXT,
  kind TEXT,
  control_id TEXT,
  code TEXT NOT NULL,
  path TEXT,
  bytes INTEGER NOT NULL,
  data BLOB,
  file TEXT
);
CREATE INDEX refusal_at ON refusal (at_ms);

-- Conservation: received = closed + inFlight + parked, of all time. purged: how many of the closed ones retention has
-- removed. deliveries: made so far. refusedBytes: kept in refusal.
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES
  ('received', 0), ('closed', 0), ('inFlight', 0), ('parked', 0), ('refused', 0), ('refusedBytes', 0), ('deliveries', 0),
  ('purged', 0);
CREATE TABLE destination_counter (
  destination TEXT PRIMARY KEY,
  open INTEGER NOT NULL,
  parked INTEGER NOT NULL,
  delivered INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE cursor (follower TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE timer (id TEXT PRIMARY KEY, follower TEXT NOT NULL, due_at_ms INTEGER NOT NULL, payload TEXT NOT NULL);
CREATE INDEX timer_due ON timer (due_at_ms);

-- Our own processing of a delivery under way (running 1), and the crashes in a row that found it alone so marked.
CREATE TABLE guard (delivery_seq INTEGER PRIMARY KEY, running INTEGER NOT NULL, crashes INTEGER NOT NULL);

CREATE TABLE revision (revision INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, adopted_by TEXT NOT NULL, json TEXT NOT NULL);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Current version of each FHIR resource; its content is the body of the message.
CREATE TABLE resource (
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  owner TEXT NOT NULL,
  message TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  PRIMARY KEY (type, id)
) WITHOUT ROWID;
CREATE INDEX resource_message ON resource (message);
CREATE INDEX resource_updated ON resource (type, updated_at_ms);
CREATE TABLE resource_version (
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  message TEXT NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (type, id, version)
) WITHOUT ROWID;
CREATE INDEX resource_version_message ON resource_version (message);
-- What the current version is found by: HMACs of identifiers and patients, statuses as they are.
CREATE TABLE resource_index (
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (type, id, name, value)
) WITHOUT ROWID;
CREATE INDEX resource_index_value ON resource_index (type, name, value, id);

-- Client assertions already used, until they expire.
CREATE TABLE jti (id TEXT PRIMARY KEY, expires_at_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX jti_expires ON jti (expires_at_ms);
-- Destinations to which nothing is begun, by a person's act.
CREATE TABLE paused (destination TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL) WITHOUT ROWID;
`

/** Every migration, in order; numbers count from 1 without a gap. */
export const MIGRATIONS: readonly Migration[] = [{ number: 1, name: 'first', sql: FIRST }]
