// Going through the lab's pictures step by step. How far each has come is in `at`, in `transposed.js`.
async function go(step) {
  const name = moving();
  at[name] = Math.max(0, Math.min(walkLength(name), step));
  if (name === 'scatter' && at.scatter && at.scatter < walkLength('scatter') + 1 && !frameAt(at.scatter - 1)) await fetchFrames(at.scatter - 1);
}

async function fetchFrames(index) {
  const count = block?.corners.length ?? 1;
  const first = block && index < block.first ? Math.max(0, index - count + 1) : index;
  const answer = await server.frames(asked({ first }));
  if (!answer.error) block = unpackFrames(answer);
}

const unpackFrames = (frames) => ({ ...frames, stamps: unpack(frames.stamps), totals: unpack(frames.totals) });

async function advance(direction, length) {
  const name = moving();
  const from = stepOf(name);
  const start = direction > 0 && from >= walkLength(name) ? 0 : from;
  await go(start + direction);
  if (direction > 0 && length > 200) animate(Math.min(420, length * 0.6));
  else { glide = 1; redraw(); }
  explain();
}

function animate(length) {
  const start = performance.now();
  const tick = () => {
    glide = Math.min(1, (performance.now() - start) / length);
    redraw();
    if (glide < 1 && shown()) requestAnimationFrame(tick);
    else { glide = 1; redraw(); }
  };
  tick();
}

function play() {
  if (timer) return pause();
  const pace = PAUSES[find('.play select').value];
  find('.play .go').textContent = words.pause;
  const next = async () => {
    if (!shown() || !(view in at)) return pause();
    await advance(1, pace);
    if (stepOf(view) >= walkLength(view)) return void (timer = setTimeout(pause, pace));
    if (timer) timer = setTimeout(next, pace);
  };
  timer = true;
  next();
}

function pause() {
  clearTimeout(timer);
  timer = null;
  find('.play .go').textContent = words.play;
  redraw();
}

// what the step does, in a sentence
function explain() {
  const [name, step] = [moving(), stepOf(moving())];
  if (!(view in at) || !step) return;
  const columns = (name === 'scatter' ? data.small : name === 'zeros' ? data.up : data.down).shape[1];
  const [y, x] = split(step - 1, columns);
  const value = (name === 'scatter' ? data.small : name === 'zeros' ? data.up : data.down).values[step - 1];
  if (name !== 'scatter') { // the sum goes along with the window
    pixel = { view: name === 'conv' ? 'down' : 'up', y, x, pair: { terms: [] } };
    askPixel(pixel);
  }
  readout.textContent = fill(name === 'scatter' ? words.stamps : words.slides, { y: y + 1, x: x + 1, value: digits(value) });
}
