import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { MOVES } from '../../src/core/message.ts'
import { filesUnder, ROOT, textOf } from './source.ts'

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...filesUnder('docs', '.md')]

test('docs/architecture.md shows the moves of a delivery as the table has them', () => {
  const section = textOf('docs/architecture.md').split('## States of a delivery')[1]?.split('\n## ')[0] ?? ''
  const shown = [...section.matchAll(/^\| ([a-z]+) \|(.*)\|$/gm)].map(([, from, to]) => [from, to?.trim()])
  expect(shown.filter(([from]) => from !== 'from')).toEqual(
    Object.entries(MOVES).map(([from, to]) => [from, to.join(', ')]),
  )
})

test('every link of a page to a file of the project leads somewhere', () => {
  const links = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !/^[a-z]+:/.test(target))
      .map((target) => [page, posix.join(posix.dirname(page), target)] as const),
  )
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter(([, file]) => !existsSync(`${ROOT}${file}`))).toEqual([])
})

test('every decision is numbered, once, and says context, choice and what would change our mind', () => {
  const decisions = filesUnder('docs/decisions', '.md')
  const numbers = decisions.map((file) => file.match(/\/(\d{4})-[a-z0-9-]+\.md$/)?.[1])
  expect(numbers).toEqual(decisions.map((_file, index) => String(index + 1).padStart(4, '0')))
  const parts = ['## Context', '## Choice', '## What would change our mind']
  expect(decisions.filter((file) => !parts.every((part) => textOf(file).includes(part)))).toEqual([])
})
