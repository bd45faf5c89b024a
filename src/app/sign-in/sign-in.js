// Goes on by itself; without script the link is there.
const next = document.getElementById('next')
if (next) location.replace(next.href)
