// Samples that are not still pictures: lines of words, clips that move, sounds. Needs `shared.js`.
const REAL = [0, 158, 115]; // D finds it real: the colours of the page's actors
const FAKE = [230, 159, 0];
let heard = null;

// A line of [text, score] pairs as spans: the more D's score stands out among all lines, the stronger the colour.
function lineOf(pairs, scale, help) {
  return make('span', { class: 'line' }, ...pairs.map(([text, score]) => {
    if (score === null) return make('span', {}, text);
    const away = Math.max(-1, Math.min(1, (score - scale.middle) / scale.half));
    const [r, g, b] = away < 0 ? FAKE : REAL;
    const title = fill(help, { score: score.toFixed(2) });
    return make('span', { style: `background: rgba(${r}, ${g}, ${b}, ${(0.55 * Math.abs(away)).toFixed(3)})`, 'data-score': score, title }, text);
  }));
}

// What counts as high and low: the middle score and how far the tenths at either end lie from it.
function scaleOf(lines) {
  const scores = lines.flat().map(([, score]) => score).filter((score) => score !== null).sort((a, b) => a - b);
  const place = (share) => scores[Math.round(share * (scores.length - 1))] ?? 0;
  const middle = place(0.5);
  return { middle, half: Math.max(1e-6, place(0.95) - middle, middle - place(0.05)) };
}

// Play a sound that the server made; one at a time.
async function listen(ask, button) {
  const answer = await server.sound(ask);
  if (answer.error) return say('notice', answer.error);
  heard?.pause();
  heard = new Audio(answer.sound);
  element.dataset.heard = String(Number(element.dataset.heard || 0) + 1);
  button?.classList.add('playing');
  heard.addEventListener('ended', () => button?.classList.remove('playing'));
  heard.addEventListener('pause', () => button?.classList.remove('playing'));
  await heard.play().catch(() => button?.classList.remove('playing')); // a browser without sound, or a click it did not count
}

// Call `draw(frame)` at `rate` a second while shown, for ever; returns what stops it.
function playAt(rate, frames, draw) {
  let frame = 0;
  const timer = setInterval(() => {
    if (!element.isConnected) return clearInterval(timer);
    if (!shown()) return;
    frame = (frame + 1) % frames;
    draw(frame);
  }, 1000 / Math.max(1, Math.min(30, rate)));
  draw(0);
  return () => clearInterval(timer);
}
