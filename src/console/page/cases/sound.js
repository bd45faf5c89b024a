// Rings. A browser lets it only after somebody touched the page: until then the page says that it is silent.
let context = null

export const ready = () => context?.state === 'running'

export async function unlock() {
  context ??= new AudioContext()
  if (context.state !== 'running') await context.resume().catch(() => {})
  return ready()
}

// Two tones, three times: heard beside monitors, and unlike them.
export function ring() {
  if (!ready()) return false
  for (let n = 0; n < 6; n++) {
    const [tone, volume] = [context.createOscillator(), context.createGain()]
    const at = context.currentTime + n * 0.25
    tone.frequency.value = n % 2 === 0 ? 880 : 660
    volume.gain.setValueAtTime(0.0001, at)
    volume.gain.exponentialRampToValueAtTime(0.4, at + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.22)
    tone.connect(volume).connect(context.destination)
    tone.start(at)
    tone.stop(at + 0.24)
  }
  return true
}
