/** What a browser calls itself, in words. Pure. */

export interface Agent {
  browser: string;
  /** The first number of its version; empty if it tells none. */
  version: string;
  /** Empty if it is none that is known. */
  system: string;
}

/** The most specific first: what comes later also stands in an earlier one's name. */
const BROWSERS: readonly [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\/(\d*)/, 'Edge'],
  [/\bOPR\/(\d*)/, 'Opera'],
  [/\bYaBrowser\/(\d*)/, 'Yandex Browser'],
  [/\bSamsungBrowser\/(\d*)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d*)/, 'Firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\/(\d*)/, 'Chrome'],
  [/\bVersion\/(\d*).*Safari\//, 'Safari'],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bHarmonyOS\b/, 'HarmonyOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** `null` for what is no known browser. */
export function agentOf(text: string): Agent | null {
  for (const [pattern, browser] of BROWSERS) {
    const found = pattern.exec(text);
    if (!found) continue;
    const system = SYSTEMS.find(([known]) => known.test(text))?.[1] ?? '';
    return { browser, version: found[1] ?? '', system };
  }
  return null;
}
