import type { Step } from './schema.ts'

/** The white list of mail operators: the one in use and the one that waits, as bytes, with what is known of them. */
export const WHITE_LIST: Step = {
  name: 'white list',
  adds: true,
  both: `
-- place: current, waiting. facts: JSON. data: the list as it was fetched, gzipped.
CREATE TABLE white_list (
  place TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  facts TEXT NOT NULL,
  data BLOB NOT NULL
) WITHOUT ROWID;
-- One row. version counts its changes; state: JSON of what is known beside the lists.
CREATE TABLE white_list_state (name TEXT PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;
-- Lists that came into use, each with what it changed (JSON).
CREATE TABLE white_list_change (
  id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  who TEXT NOT NULL,
  why TEXT,
  detail TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX white_list_change_at ON white_list_change (at_ms, id);
`,
}

/** Mails and their recipients, as rules, reports and traces need them; they outlive the bodies. And the mailboxes kept here. */
export const MAIL: Step = {
  name: 'mail',
  adds: true,
  both: `
-- way: in (of another mail operator), sent (of a user of ours), own (made here). peer: subject or name of who brought it.
-- trace: header lines that stand before the bytes. x_mss: JSON. ret: full, headers.
CREATE TABLE mail (
  message TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  way TEXT NOT NULL,
  kind TEXT NOT NULL,
  peer TEXT NOT NULL,
  sender TEXT NOT NULL,
  ret TEXT,
  envid TEXT,
  eight INTEGER NOT NULL,
  utf8 INTEGER NOT NULL,
  automatic INTEGER NOT NULL,
  message_id TEXT,
  bytes INTEGER NOT NULL,
  x_mss TEXT NOT NULL,
  trace TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX mail_at ON mail (at_ms, message);
CREATE INDEX mail_message_id ON mail (message_id) WHERE message_id IS NOT NULL;
-- state: open, delivered, failed. told: of what its sender was told last (delay, failure, success). notify: words of
-- RFC 3461, apart by commas. diagnostic: what the far side wrote.
CREATE TABLE mail_recipient (
  delivery TEXT PRIMARY KEY,
  message TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  address TEXT NOT NULL,
  notify TEXT NOT NULL,
  original TEXT,
  state TEXT NOT NULL,
  told TEXT,
  ended_at_ms INTEGER,
  code TEXT,
  answer TEXT,
  diagnostic TEXT
) WITHOUT ROWID;
CREATE INDEX mail_recipient_message ON mail_recipient (message);
CREATE INDEX mail_recipient_address ON mail_recipient (address, at_ms);
CREATE INDEX mail_recipient_open ON mail_recipient (at_ms) WHERE state = 'open' AND told IS NULL;
-- kind: PER, ORG, APP, CAB. state: active, suspended, closed. entity: FINESS of its geographic entity. owner: national
-- identifier. certificate: subject by which an application signs in, and its key for comparing.
CREATE TABLE mailbox (
  address TEXT PRIMARY KEY,
  domain TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  establishment TEXT NOT NULL,
  entity TEXT,
  owner TEXT,
  responsible TEXT,
  service TEXT,
  description TEXT,
  red_list INTEGER NOT NULL,
  quota INTEGER,
  certificate TEXT,
  certificate_key TEXT,
  created_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER,
  used_at_ms INTEGER,
  version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX mailbox_establishment ON mailbox (establishment, address);
CREATE INDEX mailbox_owner ON mailbox (owner) WHERE owner IS NOT NULL;
CREATE UNIQUE INDEX mailbox_certificate ON mailbox (certificate_key) WHERE certificate_key IS NOT NULL AND state <> 'closed';
-- Who else may read it and send as it. person: national identifier.
CREATE TABLE mailbox_delegate (
  address TEXT NOT NULL,
  person TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (address, person)
) WITHOUT ROWID;
CREATE INDEX mailbox_delegate_person ON mailbox_delegate (person);
`,
}

/** Mails that carry documents of messages, for as long as answers about them may come. */
export const DOCUMENT_MAILS: Step = {
  name: 'document mails',
  adds: true,
  both: `
-- original: JSON of what an acknowledgement takes from the message. recipient: JSON. unique_id: of the first document.
-- receipt, read_receipt: whether one was asked for (wanted) or has gone back (told); null: neither.
CREATE TABLE document_mail (
  mail TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  origin TEXT NOT NULL,
  establishment TEXT NOT NULL,
  original TEXT NOT NULL,
  recipient TEXT NOT NULL,
  address TEXT NOT NULL,
  message_id TEXT NOT NULL,
  unique_id TEXT NOT NULL,
  receipt TEXT,
  read_receipt TEXT,
  test INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX document_mail_message_id ON document_mail (message_id);
CREATE INDEX document_mail_unique_id ON document_mail (unique_id, address);
CREATE INDEX document_mail_at ON document_mail (at_ms);
`,
}
