import type { Step } from './schema.ts'

/**
 * What each software product comes to at each establishment, made with the verdicts. judged: JSON of every requirement that looks at
 * what it sent. Establishments are judged once more, so that it is there for those of before. */
export const CONFORMITY_PRODUCTS: Step = {
  name: 'conformity products',
  adds: true,
  both: `
CREATE TABLE conformity_product (
  use TEXT NOT NULL,
  framework TEXT NOT NULL,
  establishment TEXT NOT NULL,
  product TEXT NOT NULL,
  judged TEXT NOT NULL,
  PRIMARY KEY (use, framework, establishment, product)
) WITHOUT ROWID;
CREATE INDEX conformity_product_of ON conformity_product (establishment, use);
UPDATE conformity_standing SET change = change + 1;
`,
}
