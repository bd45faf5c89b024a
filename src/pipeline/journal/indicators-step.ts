import type { Step } from './schema.ts'

/** The months of secure mail: what a mail's row does not say, and months that are over. */
export const MAIL_INDICATORS: Step = {
  name: 'mail indicators',
  adds: true,
  both: `
-- The mailbox of ours that an address leads to, where that is written otherwise (+tag, letters); null: as it stands.
ALTER TABLE mail ADD COLUMN box TEXT;
ALTER TABLE mail_recipient ADD COLUMN box TEXT;
CREATE INDEX mail_recipient_failed ON mail_recipient (ended_at_ms) WHERE state = 'failed';
-- When mailboxes were suspended; until_ms null: they are.
CREATE TABLE mailbox_suspension (
  address TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER,
  PRIMARY KEY (address, from_ms)
) WITHOUT ROWID;
INSERT INTO mailbox_suspension (address, from_ms) SELECT address, created_at_ms FROM mailbox WHERE state = 'suspended';
-- Mailboxes that were read in a month (2026-11), and when last.
CREATE TABLE mailbox_use (
  month TEXT NOT NULL,
  address TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (month, address)
) WITHOUT ROWID;
-- What mail doors refused in a month. domain, establishment, kind: of the mailbox of ours that it was for; empty: of none.
CREATE TABLE mail_refusal (
  month TEXT NOT NULL,
  domain TEXT NOT NULL,
  establishment TEXT NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (month, domain, establishment, kind, code)
) WITHOUT ROWID;
-- Months that are over, each counted once. until_ms: its end.
CREATE TABLE mail_month (month TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, counted_at_ms INTEGER NOT NULL) WITHOUT ROWID;
-- figures: JSON, without what was refused.
CREATE TABLE mail_month_figures (
  month TEXT NOT NULL,
  domain TEXT NOT NULL,
  establishment TEXT NOT NULL,
  kind TEXT NOT NULL,
  figures TEXT NOT NULL,
  PRIMARY KEY (month, domain, establishment, kind)
) WITHOUT ROWID;
`,
}
