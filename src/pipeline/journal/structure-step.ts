import { smallerMerges } from './directory-step.ts'
import type { Step } from './schema.ts'

/**
 * The register of establishments: what the national file says, import by import (an entry's number tells it: n / 10,000,000), and
 * what the region knows beside: GHT and managing body, contacts, software, which stay from import to import. */
export const STRUCTURES: Step = {
  name: 'structures',
  adds: true,
  both: `
-- level: ej, eg. ej: of an eg. kind: as in region.yaml. key_holds: the last digit of finess is its key.
CREATE TABLE structure_entry (
  n INTEGER PRIMARY KEY,
  finess TEXT NOT NULL,
  level TEXT NOT NULL,
  ej TEXT,
  name TEXT NOT NULL,
  category TEXT,
  category_name TEXT,
  kind TEXT,
  address TEXT,
  postcode TEXT,
  commune TEXT,
  department TEXT,
  phone TEXT,
  siret TEXT,
  opened_on TEXT,
  key_holds INTEGER NOT NULL
);
CREATE INDEX structure_entry_finess ON structure_entry (finess, n);
CREATE INDEX structure_entry_ej ON structure_entry (ej, n);
-- Millionths of a degree, WGS84.
CREATE TABLE structure_place (
  generation INTEGER NOT NULL,
  finess TEXT NOT NULL,
  longitude INTEGER NOT NULL,
  latitude INTEGER NOT NULL,
  PRIMARY KEY (generation, finess)
) WITHOUT ROWID;
-- state: running, current, replaced, failed. kept: its entries may still be there. report: JSON of what was wrong, and counts.
CREATE TABLE structure_import (
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
CREATE UNIQUE INDEX structure_import_one ON structure_import (state) WHERE state IN ('running', 'current');
-- body: managing body.
CREATE TABLE structure_own (
  finess TEXT PRIMARY KEY,
  ght TEXT,
  body TEXT,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE structure_contact (
  id TEXT PRIMARY KEY,
  finess TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT,
  mail TEXT,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX structure_contact_finess ON structure_contact (finess);
-- since_on: day.
CREATE TABLE structure_software (
  id TEXT PRIMARY KEY,
  finess TEXT NOT NULL,
  product TEXT NOT NULL,
  editor TEXT,
  version TEXT,
  since_on TEXT,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX structure_software_finess ON structure_software (finess);
`,
}

/** What entries are searched by: words in the full-text index of each store, kept as those of the directory (directory-step.ts) are. */
export const STRUCTURE_WORDS: Step = {
  name: 'structure words',
  adds: true,
  sqlite: `
CREATE VIRTUAL TABLE structure_words USING fts5(
  words, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '_'"
);
INSERT INTO structure_words (structure_words, rank) VALUES ('automerge', 0);
INSERT INTO structure_words (structure_words, rank) VALUES ('crisismerge', 1000);
INSERT INTO structure_words (structure_words, rank) VALUES ('usermerge', 16);
CREATE TRIGGER structure_entry_gone AFTER DELETE ON structure_entry BEGIN
  DELETE FROM structure_words WHERE rowid = OLD.n;
END;
CREATE TRIGGER structure_import_touched AFTER UPDATE OF touched_at_ms ON structure_import BEGIN
  INSERT INTO structure_words (structure_words, rank) VALUES ('merge', 64);
END;
`,
  postgres: `
CREATE TABLE structure_words (n BIGINT PRIMARY KEY REFERENCES structure_entry ON DELETE CASCADE, words TSVECTOR NOT NULL);
CREATE INDEX structure_words_words ON structure_words USING GIN (words) WITH (fastupdate = off);
`,
}

/** Merging in smaller pieces, as imports write in smaller ones. */
export const STRUCTURE_MERGES: Step = smallerMerges('structure')
