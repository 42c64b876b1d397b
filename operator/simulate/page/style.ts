/** Light or dark as the reader has it. The colours are told apart by people with any colour vision (Okabe and Ito), and every curve has a look of its own. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --grid: #d8dee4;
  --blue: #0072b2; --sky: #9cc9e6; --orange: #b45309; --red: #c2410c; --green: #00755a; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1419; --ink: #e6e9ec; --soft: #9aa4ae; --grid: #2b333b;
  --blue: #56b4e9; --sky: #1f4f6e; --orange: #f0b429; --red: #ff8a5b; --green: #3ecf9f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: clamp(1.25rem, 5vw, 1.6rem); line-height: 1.25; text-wrap: balance; }
h2 { margin: 2.2rem 0 .3rem; font-size: 1.15rem; }
p { margin: .3rem 0; max-width: 62rem; }
.soft, figcaption, dt { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin-top: 1rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: 400; }
thead th { font-weight: 600; }
.contenders { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); gap: .8rem 1.2rem; }
.contenders.one { grid-template-columns: minmax(0, 27rem); }
figure { margin: 0; min-width: 0; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 .6rem; font-size: .85rem; min-height: 1.5em; }
figcaption b { color: var(--ink); }
svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
svg .value { text-anchor: end; }
svg .time { text-anchor: middle; }
svg .last { text-anchor: end; }
.grid { stroke: var(--grid); }
.cursor { stroke: var(--soft); }
.cursor[hidden] { display: none; }
.mark { stroke: var(--soft); stroke-dasharray: 2 3; }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.area { stroke-width: .8; }
.connections, .moved, .gateways { fill: var(--sky); }
.moved { stroke: var(--blue); }
.capacity { stroke: var(--blue); }
.clients { stroke: var(--orange); stroke-dasharray: 4 3; }
.desired { stroke: var(--blue); }
.utilization { stroke: var(--green); }
.dropped { stroke: var(--red); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .6rem; padding: 0; list-style: none; font-size: .9rem; }
.legend svg { display: inline-block; width: 26px; height: 12px; margin-right: .4rem; vertical-align: -1px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .9rem; max-width: 62rem; }
dd { margin: 0; }
ul.assumptions { max-width: 62rem; padding-left: 1.2rem; font-size: .95rem; }
@media (max-width: 520px) { table { font-size: .78rem; } th, td { padding-right: .45rem; white-space: normal; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin: 0 0 .5rem; } }
@media print { body { max-width: none; } }
`;
