import type { FrameworkSource } from '../../core/conformity-commands.ts'

/** Where frameworks come from: nothing is shipped, and no text is read. */
export function frameworkSource(): FrameworkSource {
  const problem = { line: 1, column: 1, at: '', code: 'NOT_IN_RELEASE', message: 'this release reads no frameworks' }
  return { read: () => ({ framework: null, problems: [problem] }), readPublished: () => null, files: () => [] }
}
