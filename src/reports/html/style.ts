import { html } from "./markup.ts";

/** The page's only style: no font, no picture, nothing to fetch. Dark where the screen is, always light on paper. */
export const STYLE = html`
:root { color-scheme: light; --paper: #fbfaf7; --card: #fff; --ink: #1c2321; --soft: #5d6865; --line: #e4e2dc; --track: #efede7; --shade: #1c232122;
  --sent: #c3ccd6; --delivered: #6fa3dc; --read: #1f9d6b; --replied: #f0a02c; --failed: #d1495b; --plain: #4a7fb5; }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --paper: #111615; --card: #1a201f; --ink: #e8ecea; --soft: #9aa6a2;
  --line: #2c3533; --track: #252d2b; --shade: #000c; --sent: #56626e; --delivered: #4d86c6; --read: #37b985; --replied: #f2b04e; --failed: #e76b7a; --plain: #6ba1d8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
header { margin-bottom: 24px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 0 0 2px; }
h3 { font-size: 15px; margin: 20px 0 8px; overflow-wrap: anywhere; }
p { margin: 0; }
.soft { color: var(--soft); }
.page { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 20px; }
section { grid-column: 1 / -1; background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 22px; min-width: 0; }
section.half:not(:only-child) { grid-column: span 1; }
section > .soft { margin-bottom: 14px; }
.tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 12px 20px; margin: 12px 0 18px; padding: 0; list-style: none; }
.tiles li { border-left: 4px solid var(--line); padding-left: 12px; }
.tiles b { display: block; font-size: 25px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tiles .is-sent { border-color: var(--sent); } .tiles .is-delivered { border-color: var(--delivered); } .tiles .is-read { border-color: var(--read); }
.tiles .is-replied { border-color: var(--replied); } .tiles .is-failed { border-color: var(--failed); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 8px; padding: 0; list-style: none; color: var(--soft); font-size: 13px; }
.legend svg { width: 11px; height: 11px; margin-right: 6px; vertical-align: -1px; }
.row { margin-bottom: 14px; } .row:last-child { margin-bottom: 2px; } .head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; margin-bottom: 3px; font-size: 13px; }
.head b { font-weight: 550; overflow-wrap: anywhere; min-width: 0; } .head .soft { font-size: 12px; font-variant-numeric: tabular-nums; margin-left: auto; }
svg { display: block; overflow: hidden; } .legend svg { display: inline-block; }
svg text { fill: var(--ink); font-size: 13px; } svg .axis { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
svg .over { paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.grid { stroke: var(--line); stroke-width: 1; } .touch { fill: transparent; } .column:hover .touch { fill: var(--track); }
.track { fill: var(--track); } .sent { fill: var(--sent); } .delivered { fill: var(--delivered); } .read { fill: var(--read); }
.replied { fill: var(--replied); } .failed { fill: var(--failed); } .plain { fill: var(--plain); }
.scroll { overflow-x: auto; margin-top: 14px; background: linear-gradient(90deg, var(--card) 40%, transparent) left / 36px 100% no-repeat local, linear-gradient(270deg, var(--card) 40%, transparent) right / 36px 100% no-repeat local,
  linear-gradient(90deg, var(--shade), transparent) left / 12px 100% no-repeat scroll, linear-gradient(270deg, var(--shade), transparent) right / 12px 100% no-repeat scroll; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--plain); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption, .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-size: 12px; white-space: nowrap; vertical-align: bottom; } tbody th { font-weight: 550; min-width: 9em; overflow-wrap: anywhere; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } tbody th.number { min-width: 0; }
details { margin-top: 14px; } summary { cursor: pointer; color: var(--soft); font-size: 13px; }
footer { margin-top: 24px; font-size: 13px; }
@media (max-width: 960px) { .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (max-width: 760px) { main { padding: 20px 12px 40px; } .page { gap: 12px; } section, section.half:not(:only-child) { grid-column: 1 / -1; padding: 16px 14px; border-radius: 10px; }
  .minor { display: none; } h1 { font-size: 23px; } tbody th { overflow-wrap: break-word; max-width: 12em; } }
@media screen and (max-width: 760px) {
  .stacked, .stacked tbody { display: block; } .stacked thead { display: none; } .stacked tr { display: flex; flex-wrap: wrap; justify-content: space-between; padding: 8px 0; border-bottom: 1px solid var(--line); }
  .stacked :is(th, td) { padding: 0; border: 0; } .stacked .prose { flex: 0 0 100%; } }
@media (max-width: 480px) { .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media print { @page { margin: 14mm; } body { background: #fff; font-size: 12px; } main { max-width: none; padding: 0; } tbody th { max-width: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } section { break-inside: avoid; border-color: #ccc; } section.long { break-inside: auto; }
  h2, h3, section > .soft, .legend, thead { break-after: avoid; } tr, svg, .row { break-inside: avoid; } .scroll { overflow: visible; background: none; } details { display: none; } .minor { display: inline; } }
`;
