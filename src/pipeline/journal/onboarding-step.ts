import type { Step } from './schema.ts'

/**
 * Onboarding: how far each establishment is with each flow, and what came in at the sandbox door. And indexes by which the
 * acts on the configuration and on onboardings are found among all events. */
export const ONBOARDING: Step = {
  name: 'onboarding',
  adds: true,
  both: `
CREATE INDEX event_apply_config ON event (detail) WHERE what = 'apply-config';
CREATE INDEX event_onboarding ON event (detail) WHERE what >= 'onboarding-' AND what < 'onboarding.';
-- state: to-connect, qualifying, production, suspended; earlier: the one a suspension ends in. version counts the acts.
CREATE TABLE onboarding (
  establishment TEXT NOT NULL,
  flow TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  earlier TEXT,
  opened_at_ms INTEGER NOT NULL,
  moved_at_ms INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (establishment, flow)
) WITHOUT ROWID;
-- flow '*': of all flows of the establishment. entry: JSON, what people wrote and what the gateway saw.
CREATE TABLE onboarding_step (
  establishment TEXT NOT NULL,
  flow TEXT NOT NULL,
  step TEXT NOT NULL,
  state TEXT NOT NULL,
  owner TEXT NOT NULL,
  done_on TEXT NOT NULL,
  note TEXT NOT NULL,
  entry TEXT NOT NULL,
  who TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (establishment, flow, step)
) WITHOUT ROWID;
CREATE TABLE onboarding_signature (
  establishment TEXT NOT NULL,
  flow TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (establishment, flow, who)
) WITHOUT ROWID;
-- What came in at the sandbox door: no content. repeat_key: SHA-256 of the key of a repeat; answer: as it was given.
CREATE TABLE trial (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  at_ms INTEGER NOT NULL,
  establishment TEXT NOT NULL,
  kind TEXT,
  control_id TEXT,
  version TEXT NOT NULL,
  charset TEXT NOT NULL,
  accent INTEGER NOT NULL,
  again INTEGER NOT NULL,
  repeat_key TEXT,
  sha256 TEXT NOT NULL,
  msa TEXT,
  code TEXT,
  path TEXT,
  findings TEXT NOT NULL,
  answer BLOB,
  application_answer BLOB
);
CREATE INDEX trial_establishment ON trial (establishment, seq);
CREATE INDEX trial_repeat ON trial (repeat_key) WHERE repeat_key IS NOT NULL;
`,
}
