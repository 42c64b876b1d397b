import { SIZE } from './chart.ts';

/** The page's script: whoever points at a plot reads the values of that instant under all of them. Without it the page says all but that. */
export const POINTER = `
const { times, durationMs, series } = JSON.parse(document.getElementById('data').textContent);
const plots = [...document.querySelectorAll('figure svg')];
const left = ${SIZE.left}, width = ${SIZE.width - SIZE.left - SIZE.right};
const clock = (ms) => durationMs > 7.2e6 ? Math.floor(ms / 3.6e6) + ':' + String(Math.floor(ms / 6e4) % 60).padStart(2, '0') + ' h' : (ms / 6e4).toFixed(1) + ' min';
const near = (at) => times.reduce((best, time, i) => Math.abs(time - at) < Math.abs(times[best] - at) ? i : best, 0);
function show(i) {
  for (const plot of plots) {
    const cursor = plot.querySelector('.cursor');
    const out = plot.parentElement.querySelector('output');
    cursor.toggleAttribute('hidden', i === null);
    out.textContent = i === null ? '' : clock(times[i]) + ': ' + plot.dataset.series.split(' ').map((n) => series[n].name + ' ' + series[n].texts[i]).join(', ');
    if (i === null) continue;
    const x = left + (times[i] / durationMs) * width;
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
  }
}
for (const plot of plots) {
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * ${SIZE.width};
    show(near(((x - left) / width) * durationMs));
  });
  plot.addEventListener('pointerleave', () => show(null));
}
`;
