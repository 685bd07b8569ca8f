// The drawing canvas of the panel "Find": strokes kept as lists of points, so that the last can be taken back.
const SIDE = 280;
const INKS = ['#ffffff', '#e69f00', '#009e73', '#0072b2', '#cc3311'];

function sketch(canvas, changed) {
  const strokes = [];
  let current = null;
  let width = 22;
  let ink = INKS[0];
  const context = canvas.getContext('2d');
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  };
  const paint = () => {
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    context.lineCap = context.lineJoin = 'round';
    for (const stroke of strokes) {
      context.strokeStyle = stroke.ink;
      context.lineWidth = stroke.width;
      context.beginPath();
      stroke.points.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
      if (stroke.points.length === 1) context.lineTo(stroke.points[0][0] + 0.1, stroke.points[0][1]);
      context.stroke();
    }
    canvas.dataset.strokes = strokes.length;
  };
  canvas.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    current = { ink, width, points: [at(event)] };
    strokes.push(current);
    paint();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!current) return;
    current.points.push(at(event));
    paint();
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
      if (current) changed();
      current = null;
    });
  }
  const back = (all) => {
    strokes.splice(all ? 0 : -1);
    paint();
    changed();
  };
  paint();
  return {
    undo: () => back(false),
    clear: () => back(true),
    pen: (size) => (width = size),
    colour: (name) => (ink = name),
    empty: () => !strokes.length,
    url: () => canvas.toDataURL('image/png'),
  };
}

// A file of any size as a small data address: 256 pixels at most, which is all that is used.
async function smallPicture(file) {
  const image = await createImageBitmap(file);
  const scale = Math.min(1, 256 / Math.min(image.width, image.height));
  const [width, height] = [Math.max(8, Math.round(image.width * scale)), Math.max(8, Math.round(image.height * scale))];
  const side = Math.min(1024, Math.max(width, height));
  const canvas = make('canvas', { width: Math.min(width, side), height: Math.min(height, side) });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  const url = canvas.toDataURL('image/png');
  return url.length < 1300000 ? url : canvas.toDataURL('image/jpeg', 0.9);
}
