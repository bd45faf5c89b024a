import { FIRST_OF_BOTH, LATER, type Migration, migrationsOf } from '../schema.ts'

/** Tables by the day of their rows' ids; the column is a UUIDv7, so its order is that of time. */
export const PARTITIONED: readonly { readonly table: string; readonly by: string }[] = [
  { table: 'message', by: 'id' },
  { table: 'body', by: 'message' },
  { table: 'body_chunk', by: 'id' },
  { table: 'message_key', by: 'message' },
  { table: 'message_finding', by: 'message' },
  { table: 'delivery', by: 'id' },
  { table: 'attempt', by: 'delivery' },
]

/** What holds a table's rows that belong to no day's partition: what outlived its own, and ids from afar. */
export const REST = 'rest'

const TEXT = 'TEXT COLLATE "C"'

/** What holds messages. Indexes name nothing that a delivery's course changes in `message`, so that its updates stay small. */
const FIRST = `
-- Order of commits: whoever writes locks this row first, so numbers are given in the order in which they become visible.
CREATE TABLE head (one BIGINT PRIMARY KEY CHECK (one = 1), revision BIGINT NOT NULL) WITH (fillfactor = 50);
INSERT INTO head (one, revision) VALUES (1, 0);

CREATE TABLE message (
  seq BIGINT NOT NULL,
  id ${TEXT} NOT NULL,
  received_at_ms BIGINT NOT NULL,
  committed_at_ms BIGINT NOT NULL,
  entrance ${TEXT} NOT NULL,
  peer ${TEXT} NOT NULL,
  establishment ${TEXT},
  kind ${TEXT} NOT NULL,
  control_id ${TEXT} NOT NULL,
  application ${TEXT} NOT NULL,
  facility ${TEXT} NOT NULL,
  receiving_application ${TEXT} NOT NULL,
  receiving_facility ${TEXT} NOT NULL,
  test BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  order_keys ${TEXT} NOT NULL,
  patient_keys ${TEXT} NOT NULL,
  revision BIGINT NOT NULL,
  parent ${TEXT},
  cause ${TEXT},
  ask ${TEXT},
  checksum BIGINT NOT NULL,
  findings ${TEXT} NOT NULL,
  state ${TEXT} NOT NULL,
  open BIGINT NOT NULL,
  parked BIGINT NOT NULL,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX message_seq ON message (seq);
CREATE INDEX message_control_id ON message (control_id);
CREATE INDEX message_sender ON message (establishment, seq, kind);
CREATE INDEX message_kind ON message (kind, seq);
CREATE INDEX message_received ON message (received_at_ms);
CREATE INDEX message_size ON message (bytes);
CREATE INDEX message_door ON message (entrance, test, seq);
CREATE INDEX message_parent ON message (parent) WHERE parent IS NOT NULL;
CREATE INDEX message_cause ON message (cause) WHERE cause IS NOT NULL;

-- The bytes: data, or chunks under the id that file names when they are many. key_id 0: not encrypted.
CREATE TABLE body (
  message ${TEXT} NOT NULL,
  message_seq BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 ${TEXT} NOT NULL,
  key_id BIGINT NOT NULL,
  data BYTEA,
  file ${TEXT},
  PRIMARY KEY (message)
) PARTITION BY RANGE (message);
CREATE TABLE body_chunk (
  id ${TEXT} NOT NULL,
  n BIGINT NOT NULL,
  data BYTEA NOT NULL,
  PRIMARY KEY (id, n)
) PARTITION BY RANGE (id);

CREATE TABLE delivery (
  seq BIGINT NOT NULL,
  id ${TEXT} NOT NULL,
  message ${TEXT} NOT NULL,
  message_seq BIGINT NOT NULL,
  destination ${TEXT} NOT NULL,
  route ${TEXT} NOT NULL,
  lane ${TEXT} NOT NULL,
  state ${TEXT} NOT NULL,
  held BIGINT NOT NULL,
  holds BIGINT NOT NULL,
  committed_at_ms BIGINT NOT NULL,
  moved_at_ms BIGINT NOT NULL,
  due_at_ms BIGINT NOT NULL,
  expires_at_ms BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  last_code ${TEXT},
  same_code BIGINT NOT NULL,
  replay_of ${TEXT},
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX delivery_message ON delivery (message_seq);
CREATE INDEX delivery_destination ON delivery (destination, message_seq);
CREATE INDEX delivery_code ON delivery (last_code, message_seq) WHERE last_code IS NOT NULL;
CREATE INDEX delivery_queue ON delivery (destination, seq) WHERE holds = 1;
CREATE INDEX delivery_urgent ON delivery (destination, seq) WHERE holds = 1 AND lane = 'urgent';
CREATE INDEX delivery_sending ON delivery (destination) WHERE state = 'sending';
CREATE INDEX delivery_held ON delivery (message_seq) WHERE held = 1;
CREATE INDEX delivery_replay ON delivery (replay_of) WHERE replay_of IS NOT NULL;

CREATE TABLE attempt (
  delivery ${TEXT} NOT NULL,
  delivery_seq BIGINT NOT NULL,
  n BIGINT NOT NULL,
  started_at_ms BIGINT NOT NULL,
  ended_at_ms BIGINT NOT NULL,
  outcome ${TEXT} NOT NULL,
  code ${TEXT},
  answer ${TEXT},
  PRIMARY KEY (delivery, n)
) PARTITION BY RANGE (delivery);
CREATE INDEX attempt_delivery ON attempt (delivery_seq);

-- Search keys of patients (never an identifier itself) and the messages that bear them.
CREATE TABLE message_key (
  message ${TEXT} NOT NULL,
  message_seq BIGINT NOT NULL,
  search_key ${TEXT} NOT NULL
) PARTITION BY RANGE (message);
CREATE INDEX message_key_search ON message_key (search_key, message_seq);
CREATE TABLE message_finding (
  message ${TEXT} NOT NULL,
  message_seq BIGINT NOT NULL,
  code ${TEXT} NOT NULL,
  PRIMARY KEY (message, code)
) PARTITION BY RANGE (message);
CREATE INDEX message_finding_code ON message_finding (code, message_seq);
${PARTITIONED.map(({ table }) => `CREATE TABLE ${table}_${REST} PARTITION OF ${table} DEFAULT;`).join('\n')}
-- A body is compressed by nobody: it is written once, and read as a rule once.
ALTER TABLE body ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE body_chunk ALTER COLUMN data SET STORAGE EXTERNAL;

-- Our own processing of a delivery under way on a node (running 1), and the crashes in a row that found it alone so marked.
CREATE TABLE guard (
  delivery ${TEXT} PRIMARY KEY,
  node ${TEXT} NOT NULL,
  running BIGINT NOT NULL,
  crashes BIGINT NOT NULL
);

-- Nodes that are alive: each renews its row; one that has not for 3 s is buried by whoever notices.
CREATE TABLE node (
  incarnation ${TEXT} PRIMARY KEY,
  name ${TEXT} NOT NULL,
  url ${TEXT},
  release ${TEXT} NOT NULL,
  seen_at TIMESTAMPTZ NOT NULL
);
-- What one node alone works on. holder: its incarnation, or null; epoch counts the changes of hands.
CREATE TABLE lease (
  name ${TEXT} PRIMARY KEY,
  holder ${TEXT},
  epoch BIGINT NOT NULL,
  until TIMESTAMPTZ NOT NULL
);
`

/** Every migration of the store on PostgreSQL. */
export const MIGRATIONS: readonly Migration[] = migrationsOf(
  [{ name: 'first', postgres: FIRST, both: FIRST_OF_BOTH }, ...LATER],
  'postgres',
)
