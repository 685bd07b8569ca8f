// What the lab "Unrolled" draws with. All its canvases are as wide as one another, and step t stands at the same place in each.
const floats = (text) => new Float32Array(bytes(text).buffer);
const signed = (value, digits = 2) => (Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : words.untold);

// An offscreen picture of a map, one pixel a number: time to the right, units down.
function mapPicture(values, steps, units, scale) {
  const canvas = make('canvas');
  paintMap(canvas, steps, units, (t, unit) => values[t * units + unit] / scale);
  return canvas;
}

// Mark a step; what comes after it is covered while the steps are played.
function mark({ context, width, height }, t, steps, covered) {
  const wide = width / steps;
  if (covered) {
    context.globalAlpha = 0.86;
    context.fillStyle = colour('--pg-panel');
    context.fillRect((t + 1) * wide, 0, width, height);
    context.globalAlpha = 1;
  }
  context.strokeStyle = colour('--pg-accent');
  context.lineWidth = 1.5;
  context.strokeRect(t * wide + 0.75, 0.75, Math.max(2, wide - 1.5), height - 1.5);
}

function paintHeat(canvas, picture, height, unit = null) {
  const sheet = fit(canvas, height);
  sheet.context.imageSmoothingEnabled = false;
  sheet.context.drawImage(picture, 0, 0, sheet.width, height);
  if (unit !== null) {
    const tall = height / picture.height;
    sheet.context.strokeStyle = colour('--body-text-color');
    sheet.context.lineWidth = 1;
    sheet.context.strokeRect(0.5, unit * tall, sheet.width - 1, Math.max(2, tall));
  }
  return sheet;
}

// Words in their places; turned on their side where there is no room.
function paintWords(canvas, texts) {
  const narrow = canvas.clientWidth / texts.length;
  const shownTexts = texts.map((text) => (text === ' ' ? '␣' : text.replaceAll('\n', '⏎')) || '·');
  const longest = Math.max(...shownTexts.map((text) => text.length));
  const aside = longest * 7.4 > narrow - 4;
  const sheet = fit(canvas, aside ? Math.min(96, longest * 7.4 + 14) : 30);
  const { context, height } = sheet;
  context.font = '13px system-ui, sans-serif';
  context.fillStyle = colour('--body-text-color');
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  shownTexts.forEach((text, t) => {
    context.save();
    context.translate((t + 0.5) * narrow, height / 2);
    if (aside) context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0, aside ? height - 6 : narrow - 2);
    context.restore();
  });
  return sheet;
}

// One line a number of each step, from −1 to 1.
function paintLine(canvas, rows) {
  const sheet = fit(canvas, 84);
  const { context, width, height } = sheet;
  const [x, y] = [(t) => ((t + 0.5) / rows.length) * width, (value) => height / 2 - value * (height / 2 - 5)];
  context.strokeStyle = colour('--pg-line');
  context.strokeRect(0, height / 2, width, 0);
  for (let number = rows[0].length - 1; number >= 0; number--) {
    context.strokeStyle = context.fillStyle = number ? colour(['--run-1', '--run-3', '--run-4'][number % 3]) : colour('--body-text-color');
    context.lineWidth = 1.6;
    context.beginPath();
    rows.forEach((row, t) => (t ? context.lineTo(x(t), y(row[number])) : context.moveTo(x(t), y(row[number]))));
    context.stroke();
    rows.forEach((row, t) => context.fillRect(x(t) - 1.5, y(row[number]) - 1.5, 3, 3));
  }
  return sheet;
}

// A picture on its side: its rows run down, and time runs to the right.
function paintRows(canvas, image, sprite) {
  const sheet = fit(canvas, 130);
  const { context, width, height } = sheet;
  const tile = make('canvas');
  drawTile(tile, image, sprite, 0);
  context.imageSmoothingEnabled = false;
  context.save();
  context.transform(0, 1, 1, 0, 0, 0); // its row becomes our column
  context.drawImage(tile, 0, 0, height, width);
  context.restore();
  return sheet;
}

function paintFrames(canvas, image, sprite) {
  const side = Math.min(110, canvas.clientWidth / sprite.count);
  const sheet = fit(canvas, Math.max(24, side));
  sheet.context.imageSmoothingEnabled = false;
  for (let t = 0; t < sprite.count; t++) {
    const tile = make('canvas');
    drawTile(tile, image, sprite, t);
    const wide = sheet.width / sprite.count;
    sheet.context.drawImage(tile, t * wide + (wide - side) / 2, 0, side, side);
  }
  return sheet;
}

function paintSample(canvas, sample, image) {
  if (sample.words) return paintWords(canvas, sample.words);
  if (sample.line) return paintLine(canvas, sample.line);
  return sample.steps === sample.sprite.count ? paintFrames(canvas, image, sample.sprite) : paintRows(canvas, image, sample.sprite);
}

// D's judgement of each step as bars from 0, on a scale that both samples share.
function paintBars(canvas, scores, reach, hue) {
  const sheet = fit(canvas, 52);
  const { context, width, height } = sheet;
  const wide = width / scores.length;
  const gap = wide > 8 ? 2 : wide > 4 ? 1 : 0;
  context.fillStyle = colour(hue);
  scores.forEach((score, t) => {
    const tall = (score / reach) * (height / 2 - 3);
    context.fillRect(t * wide + gap / 2, height / 2 - Math.max(0, tall), wide - gap, Math.abs(tall));
  });
  context.fillStyle = colour('--pg-soft');
  context.fillRect(0, height / 2, width, 1);
  return sheet;
}

// What stands at a step of a sample, in words.
function outputAt(sample, t) {
  if (sample.words) return fill(words.at_output, { output: sample.words[t] });
  return sample.line ? sample.line[t].map((value) => signed(value)).join(', ') : '';
}

function layerName(layer) {
  const name = layer.backward ? fill(words.layer_backward, { name: layer.name }) : layer.onward ? fill(words.layer_onward, { name: layer.name }) : layer.name;
  const gaps = { network: words['of_' + layer.network], name, cell: words['cell_' + layer.cell], units: layer.units, heads: layer.heads, number: layer.layer };
  return fill(layer.heads ? words.layer_attention : layer.layer > 1 ? words.layer_above : words.layer_cell, gaps);
}
