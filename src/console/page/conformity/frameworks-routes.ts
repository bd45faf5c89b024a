import { frameworkName } from '../../../core/conformity.ts'
import type { ConformityCommands, FrameworkShelf, Published } from '../../../core/conformity-commands.ts'
import { GatewayError } from '../../../core/errors.ts'
import { helpOf } from '../../../formats/http/problem.ts'
import { FRAMEWORK_BYTES } from '../../conformity-acts.ts'
import type { FormRoute, KnownVisit, Routes } from '../shell/pages.ts'
import { refusedOr, tried } from './acts-parts.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'
import { FRAMEWORKS_PATH, frameworksPage, NOTHING_PUBLISHED } from './frameworks-page.ts'

/** What the page of frameworks reads and changes. */
export interface FrameworkPageParts {
  readonly shelf: FrameworkShelf
  readonly commands: ConformityCommands
}

const PERMISSION = 'conformity:publish'

/** The shelf of frameworks: its list, a text, publishing and withdrawing. */
export function frameworkRoutes(parts: FrameworkPageParts): Routes {
  const { shelf } = parts
  return {
    pages: [
      {
        path: FRAMEWORKS_PATH,
        permission: PERMISSION,
        async show(visit) {
          const from = visit.query.get('depuis')
          const yaml = from === null ? null : await shelf.text(from)
          return frameworksPage(visit, shelf, { ...NOTHING_PUBLISHED, yaml: yaml ?? '' })
        },
      },
      {
        path: `${FRAMEWORKS_PATH}/:name/texte`,
        permission: PERMISSION,
        async show(_visit, { name = '' }) {
          const yaml = await shelf.text(name)
          if (yaml === null) throw new GatewayError('NOT_FOUND')
          const file = `${name.replaceAll(/[^\w.-]/g, '-')}.yaml`
          return {
            ...{ file, disposition: `attachment; filename="${file}"`, type: 'application/yaml; charset=utf-8' },
            body: yaml,
          }
        },
      },
    ],
    forms: [publishForm(parts), withdrawForm(parts)],
  }
}

function publishForm({ shelf, commands }: FrameworkPageParts): FormRoute {
  return {
    path: FRAMEWORKS_PATH,
    permission: PERMISSION,
    maxBytes: 3 * FRAMEWORK_BYTES,
    async act(visit, fields) {
      // A browser sends line ends as CRLF; the text that is kept has those of a file.
      const yaml = (fields.get('yaml') ?? '').replaceAll('\r\n', '\n')
      const isCheck = fields.get('act') !== 'publish'
      const { who } = visit.caller
      const said = isCheck
        ? await refusedOr(visit, () => commands.check(yaml))
        : await tried(visit, fields, (why) => commands.publish(yaml, { who, why }))
      const typed = { reason: fields.get('reason') ?? '' }
      const state = { ...NOTHING_PUBLISHED, yaml, typed }
      if ('fault' in said) return frameworksPage(visit, shelf, { ...state, fault: said.fault })
      if (!said.done.ok) {
        const fault = helpOf('FRAMEWORK_INVALID', visit.language)
        return frameworksPage(visit, shelf, { ...state, fault, problems: said.done.problems })
      }
      const done = doneText(visit, said.done, isCheck)
      return frameworksPage(visit, shelf, isCheck ? { ...state, done } : { ...NOTHING_PUBLISHED, done })
    },
  }
}

function doneText({ language }: KnownVisit, done: Extract<Published, { ok: true }>, isCheck: boolean): string {
  const words = CONFORMITY_ACT_WORDS[language]
  const name = frameworkName(done.framework)
  return isCheck ? words.checked(name, done.new) : words.publishedNow(name, done.new)
}

function withdrawForm({ shelf, commands }: FrameworkPageParts): FormRoute {
  return {
    path: `${FRAMEWORKS_PATH}/:name/retirer`,
    permission: PERMISSION,
    async act(visit, fields, { name = '' }) {
      const { who } = visit.caller
      const said = await tried(visit, fields, (why) => commands.withdrawFramework(name, { who, why }))
      if ('done' in said) return { to: FRAMEWORKS_PATH }
      return frameworksPage(visit, shelf, { ...NOTHING_PUBLISHED, fault: said.fault })
    },
  }
}
