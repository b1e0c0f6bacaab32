import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import analytics from "../../src/reports/analytics.command.ts";
import { type Month, makeMonth, NOW } from "./month.ts";
import { runCommand } from "./run-command.ts";

const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);
const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars";

let month: Month;
let folder: string;
let page: string;

beforeAll(async () => {
  expect(CHROMIUM, "Chromium is missing: apt-get install chromium").toBeDefined();
  month = await makeMonth();
  folder = mkdtempSync(join(tmpdir(), "adsapp-browser-"));
  page = (
    await runCommand(analytics, [], {
      databaseUrl: month.url,
      organization: "jansen",
      format: "html",
      now: NOW,
    })
  ).stdout;
});

afterAll(async () => {
  await month.end();
  rmSync(folder, { recursive: true, force: true });
});

let opened = 0;

/** Opens a page in a browser without a past. @returns what it printed */
async function open(text: string, ...flags: string[]): Promise<string> {
  const n = ++opened;
  const file = join(folder, `page-${n}.html`);
  writeFileSync(file, text);
  const args = [...FLAGS.split(" "), `--user-data-dir=${join(folder, `profile-${n}`)}`, ...flags];
  const { stdout } = await promisify(execFile)(CHROMIUM as string, [...args, `file://${file}`], {
    maxBuffer: 1 << 26,
    timeout: 120_000,
  });
  return stdout;
}

/** The page with a script of the test's own, which the page's policy would forbid; what it finds goes into the title. */
async function measured(script: string, ...flags: string[]): Promise<unknown> {
  const free = page
    .replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "")
    .replace(
      "</body>",
      `<script>document.body.innerHTML = "<pre>" + JSON.stringify((${script})()) + "</pre>"</script></body>`,
    );
  const [, found = ""] = (await open(free, "--dump-dom", ...flags)).match(/<pre>(.*?)<\/pre>/s) ?? [];
  return JSON.parse(found);
}

/** The same in a frame of any width, as on a phone: a window of the browser's own has 500 pixels at least. */
async function measuredAt(width: number, script: string): Promise<unknown> {
  const free = page.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
  const frame = `<body><iframe id="f" style="border: 0; width: ${width}px; height: 900px"></iframe><script>
const f = document.getElementById("f");
f.onload = () => { document.body.innerHTML = "<pre>" + JSON.stringify((${script})(f.contentDocument)) + "</pre>" };
f.srcdoc = ${JSON.stringify(free).replaceAll("<", "\\u003c")};
</script></body>`;
  const [, found = ""] =
    (await open(frame, "--dump-dom", "--virtual-time-budget=5000")).match(/<pre>(.*?)<\/pre>/s) ?? [];
  return JSON.parse(found);
}

/** The size of a PNG, and how many of its bytes there are: one of a single colour has next to none. */
async function picture(
  name: string,
  size: string,
  ...flags: string[]
): Promise<{ width: number; bytes: Buffer }> {
  const file = join(folder, name);
  await open(page, `--screenshot=${file}`, `--window-size=${size}`, ...flags);
  const bytes = readFileSync(file);
  return { width: bytes.readUInt32BE(16), bytes };
}

const DARK = "--blink-settings=preferredColorScheme=0";

describe("the HTML report in a browser", () => {
  it("is drawn, otherwise in the dark than in the light", async () => {
    const light = await picture("light.png", "1120,1500");
    const dark = await picture("dark.png", "1120,1500", DARK);
    expect(light.width).toBe(1120);
    expect(light.bytes.length).toBeGreaterThan(40_000);
    expect(dark.bytes.length).toBeGreaterThan(40_000);
    expect(light.bytes.equals(dark.bytes)).toBe(false);
  });

  it("parses as it was written: every part is a part, and nobody's name became an element", async () => {
    const found =
      await measured(`() => ({ sections: document.querySelectorAll("main > .page > section").length,
      charts: document.querySelectorAll("[role=img]").length, scripts: document.scripts.length, names: document.body.textContent.includes("<script>alert(1)") })`);
    expect(found).toEqual({ sections: 7, charts: 6, scripts: 1, names: true });
  });

  it.each([320, 360, 500, 800, 1400])(
    "fits a window %i pixels wide: nothing hangs over its sides, is cut off or lies on another text",
    async (width) => {
      const found = await measuredAt(
        width,
        `(document) => {
          const boxes = (within, what) => [...within.querySelectorAll(what)].map((e) => e.getBoundingClientRect()).filter((r) => r.width > 0);
          const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
          const charts = [...document.querySelectorAll(".chart")];
          return { window: document.documentElement.clientWidth, over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
            shapes: charts.flatMap((chart) => [...chart.querySelectorAll("rect")]).filter((r) => r.getBoundingClientRect().width <= 0).length,
            outside: charts.flatMap((chart) => boxes(chart, "text, b, .head span").filter((r) => r.left < chart.getBoundingClientRect().left - 1 || r.right > chart.getBoundingClientRect().right + 1)).length,
            overlaid: charts.flatMap((chart) => boxes(chart, "text, b, .head span").flatMap((a, n, all) => all.slice(n + 1).filter((b) => over(a, b)))).length,
            tiles: [...document.querySelectorAll(".tiles li")].filter((e) => e.scrollWidth > e.clientWidth).length }; }`,
      );
      expect(found).toEqual({
        window: width,
        over: 0,
        shapes: 0,
        outside: 0,
        overlaid: 0,
        tiles: 0,
      });
    },
  );

  it("can be read: text has a contrast of 4.5 to 1 with what is below it, light and dark", async () => {
    const contrasts = `() => {
      const rgb = (css) => css.match(/[\\d.]+/g).map(Number);
      const light = (css) => { const [r, g, b] = rgb(css).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] !== 0) return c; } return "rgb(255, 255, 255)"; };
      return Math.min(...[...document.querySelectorAll("h1, h2, h3, p, th, td, b, li, summary, text")].map((e) => {
        const style = getComputedStyle(e); const [a, b] = [light(e.tagName === "text" ? style.fill : style.color), light(ground(e))];
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); })); }`;
    expect(await measured(contrasts)).toBeGreaterThanOrEqual(4.5);
    expect(await measured(contrasts, DARK)).toBeGreaterThanOrEqual(4.5);
  });

  it("asks nobody for anything, even where somebody slips a picture into it", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const bugged = page.replace("</body>", `<img src="http://127.0.0.1:${port}/beacon.png"></body>`);
    await open(bugged, "--dump-dom");
    expect(asked).toEqual([]);
    await open(bugged.replace(/<meta http-equiv[^>]*>/, ""), "--dump-dom");
    expect(asked, "without the page's own policy it would").toEqual(["/beacon.png"]);
    await new Promise((resolve) => server.close(resolve));
  });

  it("prints: to a PDF of a few pages", async () => {
    const file = join(folder, "report.pdf");
    await open(page, `--print-to-pdf=${file}`, "--no-pdf-header-footer");
    const pdf = readFileSync(file).toString("latin1");
    expect(pdf.slice(0, 5)).toBe("%PDF-");
    const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThanOrEqual(2);
    expect(pages).toBeLessThanOrEqual(6);
  });
});
