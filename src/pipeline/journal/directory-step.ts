import type { Step } from './schema.ts'

/**
 * The directory of mailboxes: entries, imports, and which of our own mailboxes changed since they were put in. An entry's number
 * tells its import: n / 10,000,000; 0: our own. */
export const DIRECTORY: Step = {
  name: 'directory',
  adds: true,
  both: `
-- kind: PER, ORG, APP, CAB. red: on the red list. establishment: that keeps it here; null: another operator does.
CREATE TABLE directory_entry (
  n INTEGER PRIMARY KEY,
  address TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  person TEXT,
  title TEXT,
  family TEXT,
  given TEXT,
  structure TEXT,
  organisation TEXT,
  service TEXT,
  description TEXT,
  profession TEXT,
  profession_code TEXT,
  speciality TEXT,
  speciality_code TEXT,
  postcode TEXT,
  town TEXT,
  department TEXT,
  digital INTEGER,
  establishment TEXT,
  red INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX directory_entry_own ON directory_entry (address) WHERE n < 10000000;
-- state: running, current, replaced, failed. kept: its entries may still be there. report: JSON of what was wrong.
CREATE TABLE directory_import (
  generation INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  kept INTEGER NOT NULL,
  name TEXT NOT NULL,
  who TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  touched_at_ms INTEGER NOT NULL,
  ended_at_ms INTEGER,
  generated_at_ms INTEGER,
  bytes INTEGER,
  bytes_read INTEGER NOT NULL,
  taken INTEGER NOT NULL,
  repeated INTEGER NOT NULL,
  bad INTEGER NOT NULL,
  code TEXT,
  report TEXT NOT NULL
);
CREATE UNIQUE INDEX directory_import_one ON directory_import (state) WHERE state IN ('running', 'current');
-- Our mailboxes whose entries are not what they are.
CREATE TABLE directory_stale (address TEXT PRIMARY KEY, version INTEGER NOT NULL);
INSERT INTO directory_stale (address, version) SELECT address, version FROM mailbox;
ALTER TABLE mailbox ADD COLUMN changed_at_ms INTEGER;
`,
}

/**
 * What entries are searched by: words in the full-text index of each store. SQLite's is merged in small steps with what is
 * written, so that no commit has to do all of it: 64 pages each, once there are 16 pieces of a kind (with four, merging took more
 * work than was done, and a search looked into thousands of pieces). What the index does by itself stands in triggers, because it
 * would leave a last rowid that no number of JavaScript holds. And what keeps our own mailboxes in step, whoever changes them. */
export const DIRECTORY_WORDS: Step = {
  name: 'directory words',
  adds: true,
  sqlite: `
CREATE VIRTUAL TABLE directory_words USING fts5(
  words, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '_'"
);
INSERT INTO directory_words (directory_words, rank) VALUES ('automerge', 0);
INSERT INTO directory_words (directory_words, rank) VALUES ('crisismerge', 1000);
INSERT INTO directory_words (directory_words, rank) VALUES ('usermerge', 16);
CREATE TRIGGER directory_entry_gone AFTER DELETE ON directory_entry BEGIN
  DELETE FROM directory_words WHERE rowid = OLD.n;
END;
CREATE TRIGGER directory_import_touched AFTER UPDATE OF touched_at_ms ON directory_import BEGIN
  INSERT INTO directory_words (directory_words, rank) VALUES ('merge', 64);
END;
CREATE TRIGGER directory_stale_gone AFTER DELETE ON directory_stale BEGIN
  INSERT INTO directory_words (directory_words, rank) VALUES ('merge', 4);
END;
CREATE TRIGGER mailbox_put AFTER INSERT ON mailbox BEGIN
  INSERT INTO directory_stale (address, version) VALUES (NEW.address, NEW.version)
    ON CONFLICT (address) DO UPDATE SET version = excluded.version;
END;
CREATE TRIGGER mailbox_changed AFTER UPDATE OF version ON mailbox BEGIN
  INSERT INTO directory_stale (address, version) VALUES (NEW.address, NEW.version)
    ON CONFLICT (address) DO UPDATE SET version = excluded.version;
END;
`,
  postgres: `
CREATE TABLE directory_words (n BIGINT PRIMARY KEY REFERENCES directory_entry ON DELETE CASCADE, words TSVECTOR NOT NULL);
CREATE INDEX directory_words_words ON directory_words USING GIN (words) WITH (fastupdate = off);
CREATE FUNCTION mailbox_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO directory_stale (address, version) VALUES (NEW.address, NEW.version)
    ON CONFLICT (address) DO UPDATE SET version = excluded.version;
  RETURN NULL;
END $$;
CREATE TRIGGER mailbox_put AFTER INSERT ON mailbox FOR EACH ROW EXECUTE FUNCTION mailbox_stale();
CREATE TRIGGER mailbox_changed AFTER UPDATE OF version ON mailbox FOR EACH ROW EXECUTE FUNCTION mailbox_stale();
`,
}

/** Merging in smaller pieces, as imports write in smaller ones: at most some 10 ms of a commit go to it. */
export const DIRECTORY_MERGES: Step = smallerMerges('directory')

/** The same for the index of words of any imported register, whose tables begin with this word. */
export function smallerMerges(register: 'directory' | 'structure'): Step {
  return {
    name: `${register} merges`,
    adds: true,
    sqlite: `
DROP TRIGGER ${register}_import_touched;
CREATE TRIGGER ${register}_import_touched AFTER UPDATE OF touched_at_ms ON ${register}_import BEGIN
  INSERT INTO ${register}_words (${register}_words, rank) VALUES ('merge', 16);
END;
`,
  }
}
