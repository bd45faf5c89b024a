// The sound of the console, to be heard before a duty is taken.
const part = document.getElementById('sound')
const play = document.getElementById('sound-play')
if (part) part.hidden = false
play?.addEventListener('click', () => {
  const context = new AudioContext()
  for (const [n, pitch] of [880, 660, 880, 660].entries()) {
    const tone = new OscillatorNode(context, { frequency: pitch })
    const gain = new GainNode(context, { gain: 0.3 })
    tone.connect(gain).connect(context.destination)
    tone.start(context.currentTime + n * 0.25)
    tone.stop(context.currentTime + n * 0.25 + 0.2)
  }
  document.getElementById('sound-state').textContent = play.dataset.played
})
