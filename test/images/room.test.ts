import { expect, test } from 'vitest'
import { Room } from '../../src/telemedicine/images/room.ts'

test('what is taken and not in its file yet counts, though the folder is measured meanwhile', async () => {
  let folder = 0
  const room = new Room(100, async () => folder)
  expect([await room.look(), room.take(60)]).toEqual([true, true])
  expect([await room.look(), room.take(60)]).toEqual([true, false])
  folder = 60
  room.wrote(60)
  expect([await room.look(), room.take(41), room.take(40)]).toEqual([true, false, true])
  folder = 100
  room.wrote(40)
  expect(await room.look()).toBe(false)
})

test('what is taken while the folder is measured counts', async () => {
  const measured = Promise.withResolvers<number>()
  let next: Promise<number> = Promise.resolve(0)
  const room = new Room(100, () => next)
  await room.look()
  next = measured.promise
  const looked = room.look()
  room.take(80)
  room.wrote(80)
  measured.resolve(0)
  expect([await looked, room.take(30), room.take(20)]).toEqual([true, false, true])
})
