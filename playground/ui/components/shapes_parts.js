// The cards of a chain: a start, a card for each stage and a target, with a map drawn to scale in each.
const FIELDS = { kernel: [1, 32], stride: [1, 16], padding: [0, 32], output_padding: [0, 15], dilation: [1, 16] };
const LARGEST = 86; // pixels of the largest map of a chain
const NAMES = {
  kernel: [words.kernel, words.kernel_help],
  stride: [words.stride, words.stride_help],
  padding: [words.padding, words.padding_help],
  output_padding: [words.output_padding, words.output_padding_help],
  dilation: [words.dilation, words.dilation_help],
};
const sizeText = (size) => size.slice(-2).join('×');
const whole = (input) => (/^\d+$/.test(input.value.trim()) && input.checkValidity() ? Number(input.value) : null);

function numberBox(name, value, [min, max], change, className = '') {
  const box = make('input', { type: 'number', inputmode: 'numeric', min, max, step: 1, value, required: true, class: className, 'aria-label': name });
  box.addEventListener('input', () => {
    const number = whole(box);
    box.setAttribute('aria-invalid', number === null);
    if (number !== null) change(number);
  });
  return box;
}

// One number for both axes, or two: `change(number, axis)` with axis null where the one box stands for both.
function pairField(name, help, values, limits, change, split) {
  const boxes = [
    numberBox(split() ? `${name}, ${words.height}` : name, values[0], limits, (number) => change(number, split() ? 0 : null)),
    numberBox(`${name}, ${words.width}`, values[1], limits, (number) => change(number, 1), 'second'),
  ];
  const node = make('div', { class: 'field', title: help }, make('span', {}, name), ...boxes);
  return { node, boxes };
}

// A map as a square (or not) in the scale of its chain; behind it stand others, for there are many channels.
function drawMap(node, size, largest) {
  const [height, width] = size.slice(-2).map((side) => Math.max(3, (LARGEST * side) / largest));
  node.style.width = width + 'px';
  node.style.height = height + 'px';
  node.dataset.size = sizeText(size);
  node.classList.toggle('one', size.length === 3 && size[0] === 1);
}

function writeSize(node, size) {
  node.replaceChildren(sizeText(size), ' ', ...(size.length === 3 ? [make('small', {}, fill(words.count, { channels: size[0] }))] : []));
  node.title = size.length === 3 ? fill(words.map, { size: sizeText(size), channels: size[0] }) : '';
}

// what stands behind the last equals sign is what the stage gives
function writeFormula(node, lines) {
  node.replaceChildren(...(lines || []).flatMap((line) => {
    const at = line.lastIndexOf('= ');
    return [make('div', {}, line.slice(0, at + 2), make('b', {}, line.slice(at + 2)))];
  }));
}

const picture = (...kinds) => {
  const map = make('i', { class: ['map', ...kinds].join(' ') });
  return { map, node: make('div', { class: 'picture', 'aria-hidden': 'true' }, map) };
};

// The mirrored chain is shown, not edited.
function mirrorCards(mirror, largest) {
  const settings = (layer) => ['kernel', 'stride', 'padding', 'output_padding', 'dilation']
    .filter((name) => name === 'kernel' || name === 'stride' || String(layer[name]) !== (name === 'dilation' ? '1,1' : '0,0'))
    .map((name) => `${NAMES[name][0]} ${[...new Set(layer[name])].join('×')}`).join(' · ');
  return mirror.sizes.map((size, n) => {
    const layer = mirror.chain.layers[n - 1];
    const { map, node } = picture();
    drawMap(map, size, largest);
    const text = make('div', { class: 'size' });
    writeSize(text, size);
    if (!layer) return make('div', { class: 'card end' }, make('div', { class: 'head' }, words.start), node, text);
    const formula = make('div', { class: 'formula' });
    writeFormula(formula, mirror.formulas[n - 1]);
    const note = mirror.notes[n - 1] ? make('div', { class: 'note' }, mirror.notes[n - 1] + '.') : null;
    return make('div', { class: 'card' }, make('div', { class: 'head' }, fill(words.stage, { number: n }), make('span', { class: 'kind' }, kindName(layer.kind))), node, text, make('div', { class: 'settings' }, settings(layer)), formula, note);
  });
}

const kindName = (kind) => (kind === 'transposed' ? words.transposed : words.convolution);
