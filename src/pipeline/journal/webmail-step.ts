import type { Step } from './schema.ts'

/**
 * What stands in the folders of mailboxes, as their files tell it: read again whenever a file comes, moves or goes. Receipts,
 * given and got. And by which national identifier a session reads mail. */
export const WEBMAIL: Step = {
  name: 'webmail',
  adds: true,
  both: `
-- id: of the file in its folder. name: of the file, without flags. at_ms: when it came. words: what a search looks at.
-- kind: mail, xdm, receipt, report.
CREATE TABLE mail_item (
  address TEXT NOT NULL,
  id TEXT NOT NULL,
  folder TEXT NOT NULL,
  name TEXT NOT NULL,
  flags TEXT NOT NULL,
  fresh INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  size INTEGER NOT NULL,
  kind TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  subject TEXT NOT NULL,
  words TEXT NOT NULL,
  attachments INTEGER NOT NULL,
  message_id TEXT,
  in_reply_to TEXT,
  receipt_asked INTEGER NOT NULL,
  PRIMARY KEY (address, id)
) WITHOUT ROWID;
CREATE INDEX mail_item_folder ON mail_item (address, folder, at_ms, id);
-- way: given (we told its sender that it was read), got (a recipient of ours told us). recipient: who read it.
CREATE TABLE mail_receipt (
  address TEXT NOT NULL,
  way TEXT NOT NULL,
  message_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (address, way, message_id, recipient)
) WITHOUT ROWID;
ALTER TABLE session ADD COLUMN identifier TEXT;
`,
}
