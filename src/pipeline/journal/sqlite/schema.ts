import { FIRST_OF_BOTH, LATER, type Migration, migrationsOf } from '../schema.ts'

/** What holds messages, in the embedded store. */
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

-- Our own processing of a delivery under way (running 1), and the crashes in a row that found it alone so marked.
CREATE TABLE guard (delivery_seq INTEGER PRIMARY KEY, running INTEGER NOT NULL, crashes INTEGER NOT NULL);
`

/** Every migration of the embedded store. */
export const MIGRATIONS: readonly Migration[] = migrationsOf(
  [{ name: 'first', sqlite: FIRST, both: FIRST_OF_BOTH }, ...LATER],
  'sqlite',
)
