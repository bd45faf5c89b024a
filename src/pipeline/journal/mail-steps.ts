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
