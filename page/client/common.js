// Helpers that all parts of the page share: words, scales, paths, pictures to save.

const SCALES = [[1e12, ' tn'], [1e9, ' bn'], [1e6, ' M'], [1e3, ' k']];

function significant(x, digits = 3) {
  if (x === 0) return '0';
  if (Number.isInteger(x) && Math.abs(x) < 1e5) return String(x);
  const size = Math.floor(Math.log10(Math.abs(x)));
  if (size >= digits + 2 || size < -4) return x.toExponential(digits - 1).replace('e+', 'e');
  return x.toFixed(Math.max(0, digits - 1 - size));
}

function shortMoney(x) {
  for (const [scale, name] of SCALES) {
    if (Math.abs(x) >= 0.9995 * scale) return significant(x / scale) + name;
  }
  return significant(x);
}

// A figure with its declared unit, as a reader expects it.
function figure(x, unit) {
  if (x === null || x === undefined || !isFinite(x)) return '–';
  if (unit.startsWith('USD')) return '$' + shortMoney(x) + unit.slice(3);
  if (unit === 'share' || unit === '0-1') return significant(100 * x) + ' %';
  if (unit === 'month' || unit === 'events') return String(x);
  if (unit === 'OOM') return x.toFixed(2) + ' OOM';
  if (Number.isInteger(x) && Math.abs(x) < 1e5) return ['-', 'count', 'ratio', 'index'].includes(unit) ? String(x) : `${x} ${unit}`;
  if (unit === '-' || unit === 'count' || unit === 'index' || unit === 'ratio') return significant(x);
  return significant(x) + ' ' + unit;
}

// Width of a label on a drawing [px].
const ruler = document.createElement('canvas').getContext('2d');
const widths = new Map();
function textWidth(text) {
  if (!widths.has(text)) {
    ruler.font = '11px system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif';
    widths.set(text, ruler.measureText(text).width + 2);
  }
  return widths.get(text);
}

// A number for a field: large ones in the short form that fits and that fields accept.
function entry(x) {
  return typeof x === 'number' && Math.abs(x) >= 1e6 ? x.toExponential().replace('e+', 'e') : x;
}

function words(name) { return name.replace(/_/g, ' '); }

function monthLabel(start, month) {
  const [year, first] = start.split('-').map(Number);
  const number = 12 * year + first - 1 + month;
  return `${Math.floor(number / 12)}-${String(number % 12 + 1).padStart(2, '0')}`;
}

function monthName(label) {
  const [year, month] = label.split('-').map(Number);
  const names = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
    'September', 'October', 'November', 'December'];
  return `${names[month - 1]} ${year}`;
}

function monthsBetween(start, label) {
  const number = text => { const [y, m] = text.split('-').map(Number); return 12 * y + m - 1; };
  return number(label) - number(start);
}

// Round steps for an axis of about `count` ticks.
function niceTicks(low, high, count) {
  const span = high - low || 1;
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(f => f * power).find(s => s >= raw);
  const ticks = [];
  for (let t = Math.ceil(low / step) * step; t <= high + 1e-9 * span; t += step) ticks.push(t);
  return ticks;
}

// A scale from values to pixels; on a log scale zeros lie at the bottom.
function scaleOf(values, log, top, bottom) {
  let low = Infinity, high = -Infinity;
  for (const list of values) {
    for (const v of list) {
      if (v === null || v === undefined || (log && v <= 0)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  if (low === Infinity) { low = log ? 1 : 0; high = log ? 10 : 1; }
  if (log) {
    low = Math.max(low, high / 1e6);
    let from = Math.floor(Math.log10(low)), to = Math.ceil(Math.log10(high));
    if (from === to) to += 1;
    const step = Math.max(1, Math.ceil((to - from) / 3));
    const ticks = [];
    for (let e = from; e <= to; e += step) ticks.push(10 ** e);
    const at = v => bottom - (Math.log10(Math.max(v, 10 ** from)) - from) / (to - from) * (bottom - top);
    return { at, ticks };
  }
  if (low > 0 && low < 0.5 * high) low = 0;
  if (high < 0 && high > 0.5 * low) high = 0;
  if (high - low < 1e-12) { low -= Math.abs(low) * 0.1 || 0.5; high += Math.abs(high) * 0.1 || 0.5; }
  const pad = 0.06 * (high - low);
  if (low !== 0) low -= pad;
  high += pad;
  const at = v => bottom - (v - low) / (high - low) * (bottom - top);
  return { at, ticks: niceTicks(low, high, 3) };
}

// On a log scale months without any are left out; the line joins those around them.
function linePath(values, x, y, log = false) {
  let path = '', pen = 'M';
  for (let t = 0; t < values.length; t++) {
    if (values[t] === null) { pen = 'M'; continue; }
    if (log && values[t] <= 0) continue;
    path += pen + x(t).toFixed(1) + ' ' + y(values[t]).toFixed(1);
    pen = 'L';
  }
  return path;
}

// Months without any are left empty.
function barPath(values, x, y, bottom) {
  let path = '';
  values.forEach((v, t) => { if (v > 0) path += `M${x(t).toFixed(1)} ${bottom}V${y(v).toFixed(1)}`; });
  return path;
}

function bandPath(low, high, x, y, log = false) {
  const count = Math.min(low.length, high.length);
  let there = '', back = '';
  for (let t = 0; t < count; t++) {
    if (low[t] === null || high[t] === null || (log && high[t] <= 0)) continue;
    there += (there ? 'L' : 'M') + x(t).toFixed(1) + ' ' + y(high[t]).toFixed(1);
    back = 'L' + x(t).toFixed(1) + ' ' + y(low[t]).toFixed(1) + back;
  }
  return there ? there + back + 'Z' : '';
}

// Outline of a node of about radius r around (0, 0).
function outline(shape, r) {
  const polygon = (n, turn, size, inner = 1) => {
    let path = '';
    for (let k = 0; k < n; k++) {
      const a = turn + 2 * Math.PI * k / n, at = k % 2 ? inner * size : size;
      path += (k ? 'L' : 'M') + (at * Math.cos(a)).toFixed(2) + ' ' + (at * Math.sin(a)).toFixed(2);
    }
    return path + 'Z';
  };
  if (shape === 'circle') return `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`;
  if (shape === 'diamond') return polygon(4, 0, 1.25 * r);
  if (shape === 'square') return polygon(4, Math.PI / 4, 1.25 * r);
  if (shape === 'triangle') return polygon(3, -Math.PI / 2, 1.3 * r);
  if (shape === 'triangle_down') return polygon(3, Math.PI / 2, 1.3 * r);
  if (shape === 'pentagon') return polygon(5, -Math.PI / 2, 1.15 * r);
  if (shape === 'hexagon') return polygon(6, 0, 1.1 * r);
  if (shape === 'star') return polygon(10, -Math.PI / 2, 1.35 * r, 0.5);
  const a = 0.4 * r, b = 1.15 * r; // a cross
  return `M${-a} ${-b}H${a}V${-a}H${b}V${a}H${a}V${b}H${-a}V${a}H${-b}V${-a}H${-a}Z`;
}

// --- one note for the whole page ---------------------------------------------------------

const tips = {
  methods: {
    tipOn(event, lines) {
      let note = document.getElementById('moat-tip');
      if (!note) {
        note = document.createElement('div');
        note.id = 'moat-tip';
        note.setAttribute('role', 'tooltip');
        document.body.appendChild(note);
      }
      note.replaceChildren(...lines.filter(Boolean).map((line, k) => {
        const row = document.createElement('div');
        row.textContent = line;
        if (k === 0) row.className = 'first';
        return row;
      }));
      note.style.display = 'block';
      const at = event.currentTarget.getBoundingClientRect();
      const size = note.getBoundingClientRect();
      let x = at.right + 8, y = at.top;
      if (event.clientX && at.width > 150) { x = event.clientX + 14; y = event.clientY + 14; }
      if (x + size.width > innerWidth - 8) x = Math.max(8, (event.clientX || at.left) - size.width - 10);
      if (y + size.height > innerHeight - 8) y = Math.max(8, innerHeight - 8 - size.height);
      note.style.left = x + 'px';
      note.style.top = y + 'px';
    },
    tipOff() {
      const note = document.getElementById('moat-tip');
      if (note) note.style.display = 'none';
    },
  },
  beforeDestroy() { this.tipOff(); },
};

// --- pictures to save ---------------------------------------------------------------------

function download(name, content) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  document.body.appendChild(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const KEPT = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'fill-opacity',
  'stroke-opacity', 'font-size', 'font-family', 'font-weight', 'text-anchor'];

// The drawings on the page, one above the other in columns, as one file that needs no style sheet.
function svgOf(drawings, columns) {
  let width = 0, height = 0, body = '', x = 0, y = 0, rowHeight = 0;
  drawings.forEach((drawing, k) => {
    const box = drawing.getBoundingClientRect();
    const copy = drawing.cloneNode(true);
    const originals = [drawing, ...drawing.querySelectorAll('*')];
    [copy, ...copy.querySelectorAll('*')].forEach((element, n) => {
      const style = getComputedStyle(originals[n]);
      for (const key of KEPT) element.setAttribute(key, style.getPropertyValue(key));
      element.removeAttribute('class');
      element.removeAttribute('style');
    });
    if (k % columns === 0) { y += rowHeight; x = 0; rowHeight = 0; }
    copy.setAttribute('x', x);
    copy.setAttribute('y', y);
    copy.setAttribute('width', box.width);
    copy.setAttribute('height', box.height);
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    body += new XMLSerializer().serializeToString(copy);
    x += box.width + 12;
    rowHeight = Math.max(rowHeight, box.height + 12);
    width = Math.max(width, x);
    height = Math.max(height, y + rowHeight);
  });
  const page = getComputedStyle(document.querySelector('.moat')).getPropertyValue('--card');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="${page}"/>${body}</svg>`;
}

function savePicture(drawings, columns, stem, kind) {
  const text = svgOf(drawings, columns);
  const blob = new Blob([text], { type: 'image/svg+xml' });
  if (kind === 'svg') { download(stem + '.svg', blob); return; }
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement('canvas');
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(png => download(stem + '.png', png), 'image/png');
  };
  image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(text);
}
