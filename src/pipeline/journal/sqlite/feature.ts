import type { StatementSync } from 'node:sqlite'
import type { Statement } from '../../../core/journal.ts'
import { bindable, faultOf } from './database.ts'

/** Runs the statements of a feature in order; false as soon as one breaks a constraint or misses its row count. */
export type RunFeature = (statements: readonly Statement[]) => boolean

/** Feature statements by their text, prepared once. The caller undoes its list on false. */
export function featureRows(statement: (sql: string) => StatementSync): RunFeature {
  return (statements) => {
    try {
      return statements.every(({ sql, parameters, rows }) => {
        const { changes } = statement(sql).run(...bindable(parameters))
        return rows === undefined || Number(changes) === rows
      })
    } catch (error) {
      if (faultOf(error) === 'constraint') return false
      throw error
    }
  }
}
