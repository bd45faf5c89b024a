import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Framework, type FrameworkName, frameworkName } from '../core/conformity.ts'
import type { ConformityCommands, FrameworkSource, Published } from '../core/conformity-commands.ts'
import { GatewayError } from '../core/errors.ts'
import { type ActingParts, type Doer, eventOf, judgedAgain } from './acting.ts'

/** Who publishes what is shipped. */
const SHIPPED_BY = 'gateway'

/** Publishing and withdrawing frameworks. */
export function frameworkActs(parts: ActingParts): Pick<ConformityCommands, 'publish' | 'check' | 'withdrawFramework'> {
  return {
    async publish(yaml, act) {
      const judged = await judgeText(yaml, parts)
      if (!judged.ok || !judged.new) return judged
      if (!(await put(judged.framework, yaml, act, parts))) return judgeText(yaml, parts)
      parts.changed()
      return judged
    },
    check: (yaml) => judgeText(yaml, parts),
    async withdrawFramework(name, act) {
      const nowMs = parts.clock.nowMs()
      const row = {
        sql: `UPDATE conformity_framework SET state = 'withdrawn', withdrawn_by = ?, withdrawn_at_ms = ?, withdrawn_why = ?
          WHERE name = ? AND state = 'published'`,
        parameters: [act.who, nowMs, act.why, name],
        rows: 1,
      }
      const events = [eventOf(parts, 'withdraw-framework', act, name)]
      if (await parts.journal.apply({ rows: [row, judgedAgain(null)], events })) return parts.changed()
      throw new GatewayError((await parts.shelf.one(name)) === null ? 'NOT_FOUND' : 'FRAMEWORK_WITHDRAWN')
    },
  }
}

/** What publishing the text would do. @throws {GatewayError} FRAMEWORK_TAKEN, FRAMEWORK_WITHDRAWN */
async function judgeText(yaml: string, { source, shelf }: Pick<ActingParts, 'source' | 'shelf'>): Promise<Published> {
  const { framework, problems } = source.read(yaml)
  if (framework === null) return { ok: false, problems }
  const there = await shelf.one(frameworkName(framework))
  if (there === null) return { ok: true, framework, new: true }
  const same = there.sha256 === sha256Of(yaml) || isDeepStrictEqual(there.framework, framework)
  if (!same) throw new GatewayError('FRAMEWORK_TAKEN')
  if (there.state === 'withdrawn') throw new GatewayError('FRAMEWORK_WITHDRAWN')
  return { ok: true, framework, new: false }
}

function sha256Of(yaml: string): string {
  return createHash('sha256').update(yaml).digest('hex')
}

/** False: another one of that name was quicker. */
function put(
  framework: Framework,
  yaml: string,
  act: Doer | { readonly who: string; readonly why: null },
  parts: Pick<ActingParts, 'journal' | 'clock'>,
): Promise<boolean> {
  const name: FrameworkName = frameworkName(framework)
  const row = {
    sql: `INSERT INTO conformity_framework (name, id, version, state, sha256, yaml, who, at_ms)
      VALUES (?, ?, ?, 'published', ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    parameters: [name, framework.id, framework.version, sha256Of(yaml), yaml, act.who, parts.clock.nowMs()],
    rows: 1,
  }
  return parts.journal.apply({
    rows: [row, judgedAgain(null)],
    events: [eventOf(parts, 'publish-framework', act, name)],
  })
}

/**
 * Publishes the shipped files, and a region's own, that are not on the shelf yet. A file whose framework stands there in other
 * words, or that cannot be read, is told to the log and left: whoever runs the region publishes another version. A file that stands
 * there to the letter is not read: all of them took 0.4 s, during which no message was answered. */
export async function publishFiles(
  parts: Pick<ActingParts, 'journal' | 'shelf' | 'clock' | 'log' | 'changed'> & { readonly source: FrameworkSource },
): Promise<void> {
  const standing = await parts.journal.look<{ sha256: string }>({
    sql: 'SELECT sha256 FROM conformity_framework',
    parameters: [],
  })
  const known = new Set(standing.map(({ sha256 }) => sha256))
  for (const yaml of parts.source.files()) {
    if (known.has(sha256Of(yaml))) continue
    const { framework } = parts.source.read(yaml)
    if (framework === null) {
      parts.log.warn('conformity.framework-unread')
      continue
    }
    const name = frameworkName(framework)
    const there = await parts.shelf.one(name)
    if (there === null) await put(framework, yaml, { who: SHIPPED_BY, why: null }, parts)
    else if (there.state === 'published' && !isDeepStrictEqual(there.framework, framework))
      parts.log.warn('conformity.framework-differs', { rule: name, code: 'FRAMEWORK_TAKEN' })
  }
  parts.changed()
}
