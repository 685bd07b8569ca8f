// Pictures of seeds as they come from the server, many to a sprite: the newest batches are kept, and a seed knows its own.
const BATCHES = 48;

function pictureStore() {
  let batches = [];
  const found = new Map(); // seed -> { batch, index }
  return {
    get: (seed) => found.get(seed),
    clear() {
      batches = [];
      found.clear();
    },
    add(batch) {
      batches.push(batch);
      batch.seeds.forEach((seed, index) => found.set(seed, { batch, index }));
      if (batches.length <= BATCHES) return;
      const gone = batches.shift();
      gone.seeds.forEach((seed) => found.get(seed)?.batch === gone && found.delete(seed));
    },
  };
}

// Where tiles lie in a view of some width: as many columns as fit, of `side` pixels or a little more.
function layout(width, height, side, total) {
  const columns = Math.max(1, Math.floor(width / (side + 4)));
  const cell = width / columns;
  return { columns, cell, tile: Math.floor(cell) - 4, rows: Math.ceil(total / columns), width, height };
}

const drawSprite = (context, { batch, index }, x, y, side) => {
  const { sprite, image } = batch;
  const column = index % sprite.columns;
  const row = Math.floor(index / sprite.columns);
  context.drawImage(image, column * sprite.width, row * sprite.height, sprite.width, sprite.height, x, y, side, side);
};

// The places of values, the highest first or the lowest; what is no number comes last.
function placesByValue(values, down) {
  const worth = (place) => values[place] ?? (down ? -Infinity : Infinity);
  return values.map((_, place) => place).sort((a, b) => (down ? worth(b) - worth(a) : worth(a) - worth(b)) || a - b);
}

const figure = (value) => (value === null || value === undefined ? '–' : value.toPrecision(3).replace(/^-/, '−'));
