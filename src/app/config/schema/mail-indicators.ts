import { MONTH_COLUMNS } from '../../../core/mail-indicators.ts'
import { keyed, type Piece } from './piece.ts'

/** Never as long as the number of a patient. */
const codes = (header: string, values: readonly string[]): Piece => ({
  type: 'array',
  maxItems: 200,
  default: values,
  items: {
    type: 'string',
    pattern: '^(?!.*\\d{12})[A-Za-z0-9][A-Za-z0-9._-]{0,31}$',
    what: 'a code of letters, digits, hyphens and dots, without a long number',
  },
  description: `Values of \`${header}\` that are told.`,
})

/** `mail.operator.indicators` in the schema. */
export const indicators: Piece = {
  ...keyed('The monthly figures of secure mail.', {
    xMss: {
      ...keyed('Values of X-MSS headers that are counted by themselves; every other one counts as `other`.', {
        codeCda: codes('X-MSS-CODECDA', ['11502-2', '15508-5', '34112-3', 'PRESC-BIO']),
        ins: codes('X-MSS-INS', ['O', 'N']),
        nil: codes('X-MSS-NIL', []),
        mes: codes('X-MSS-MES', ['FIN']),
      }),
      default: {},
    },
    columns: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      description: 'Columns of the file, in this order. Absent: all, by their own names (docs/secure-mail.md).',
      items: keyed(
        'One column.',
        {
          column: { type: 'string', enum: MONTH_COLUMNS, description: 'What stands in it.' },
          name: { type: 'string', minLength: 1, maxLength: 100, description: 'Name above it. Absent: its own.' },
        },
        ['column'],
      ),
    },
  }),
  default: {},
}
