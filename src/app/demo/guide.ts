import { GatewayError } from '../../core/errors.ts'
import type { GuideCommands } from '../../core/guide.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import { type DoorPlaces, postingAt } from './doors.ts'
import { guideAdmission, guideRefused } from './traffic.ts'
import type { Post } from './written.ts'

/** What the guide sends, at the real doors of this gateway. `places`: asked at each message, when the doors are open. */
export function guideCommands(parts: {
  readonly places: () => DoorPlaces
  readonly timeZone: () => string
  readonly clock: Clock
  readonly ids: Ids
}): GuideCommands {
  const { places, timeZone, clock, ids } = parts
  const send = async (controlId: string, post: Post): Promise<string> => {
    const posting = postingAt(places())
    const said = await posting.post(post)
    posting.close()
    if (said !== 'accepted') throw new GatewayError('CONNECT_FAILED')
    return controlId
  }
  // MSH-10 holds 20 characters in the versions that homes send.
  const run = () => ids.uuid().slice(-12).toUpperCase()
  return {
    admission() {
      const controlId = `GUIDE-${run()}`
      return send(controlId, guideAdmission(controlId, clock.nowMs(), timeZone()))
    },
    refused() {
      const one = run()
      return send(`REFUS-${one}`, guideRefused(one, clock.nowMs(), timeZone()))
    },
  }
}
