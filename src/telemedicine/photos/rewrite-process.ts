/** The process that writes photos anew: it gets bytes, gives bytes, and holds nothing. Made by `rewriter`, and killed by it. */
import sharp from 'sharp'
import type { Ask, Told } from './rewriter.ts'

/** Looks at its own memory while a photo is worked on (ms). */
const LOOK_MS = 20
const QUALITY = 88

// Only what is asked for can be decoded: the library reads many formats more.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer'] })
sharp.cache(false)
sharp.concurrency(1)

function tell(told: Told): void {
  process.send?.(told)
}

async function rewritten({ bytes, type, pixels, side, memoryBytes }: Ask): Promise<void> {
  // Pixels are worked on outside this thread, so it goes on looking.
  const looking = setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytes) process.exit(1)
  }, LOOK_MS)
  try {
    const upright = sharp(bytes, { limitInputPixels: pixels, failOn: 'error', pages: 1 })
      .autoOrient()
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    const made =
      type === 'image/png'
        ? upright.png({ compressionLevel: 9 })
        : upright.jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' })
    const { data } = await made.toBuffer({ resolveWithObject: true })
    tell({ bytes: data })
  } catch {
    tell({ bytes: null })
  } finally {
    clearInterval(looking)
  }
}

process.on('message', (ask: Ask) => void rewritten(ask))
process.on('disconnect', () => process.exit())
tell({ ready: true })
