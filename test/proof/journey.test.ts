import { expect, test } from 'vitest'
import { missingOrthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { journeysRun } from './journey-judge.ts'
import { journeyWorld } from './journey-world.ts'

const need = missingOrthanc()

// The long form is `npm run prove`.
test.skipIf(need !== null)(
  `a request by HL7 v2, refused, accepted by FHIR, images, advice as ORU: four kills lose and double nothing${need === null ? '' : `: ${need}`}`,
  async () => {
    const [site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
    const world = await journeyWorld(site, centre)
    try {
      const found = await journeysRun(
        world,
        [
          { n: 1, images: 20, kills: ['asked', 'images'] },
          { n: 2, images: 2, kills: ['advised'] },
          { n: 3, images: 2, kills: ['accepting'] },
        ],
        3,
      )
      expect(found.faults).toEqual([])
      expect(found.kills).toBeGreaterThan(1)
    } finally {
      await world.close()
      await Promise.all([site.end(), centre.end()])
    }
  },
  120_000,
)
