/** Which library a frame is of, by its file and function; null means the application itself. */

/** The first match wins; the captured part, if any, names the library. */
const BY_FILE: readonly [RegExp, string | null][] = [
  [/node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?((?:@[^/]+\/)?[^/]+)/, null],
  [/^(?:node:|internal\/)/, 'node'],
  [/(?:site|dist)-packages[/\\]([^/\\]+)/, null],
  [/[/\\]lib[/\\]python3?(?:\.\d+)?[/\\](?!site-packages)/, 'python'],
  [/^<frozen /, 'python'],
  [/^\[native code\]|^native|^<anonymous>/, 'native'],
  [/^(?:chrome|moz|safari-web)-extension:/, 'browser extension'],
  [/\/vendors?[-~.][\w~-]+\.js/, 'vendor'],
  [/webpack\/(?:bootstrap|runtime)|\/@vite\//, 'bundler'],
  [/\/pkg\/mod\/([^@]+)@/, null],
  [/\/go\/src\/|\/usr\/local\/go\/|^runtime\//, 'go'],
  [/\/\.?cargo\/registry\/src\/[^/]+\/([^/]+?)-\d/, null],
  [/^\/rustc\//, 'rust'],
  [/\/gems\/([^/]+?)-\d/, null],
  [/[/\\]vendor[/\\]([^/\\]+[/\\][^/\\]+)/, null],
];

const BY_FUNCTION: readonly [RegExp, string | null][] = [
  [/^(?:[\w.]+\/)?(?:java|javax|jdk|sun|com\.sun)\./, 'java'],
  [/^(kotlin|kotlinx|scala|groovy)\./, null],
  [/^(org\.(?:springframework|apache\.\w+|hibernate|eclipse\.\w+|junit))\./, null],
  [/^(io\.(?:netty|micronaut|quarkus|undertow))\./, null],
  [/^(com\.(?:zaxxer\.hikari|fasterxml\.jackson|google\.common|mysql))\./, null],
  [/^(System|Microsoft)\./, null],
  [/^(?:runtime|reflect|net\/http|sync|syscall)\.[\w(*]/, 'go'],
  [/^(?:std|core|alloc)::/, 'rust'],
];

export function libraryOf(file: string, fn: string): string | null {
  for (const [pattern, name] of BY_FILE) {
    const match = pattern.exec(file);
    if (match) return (name ?? match[1] ?? '').replace(/\\/g, '/').replace(/\.py$/, '');
  }
  for (const [pattern, name] of BY_FUNCTION) {
    const match = pattern.exec(fn);
    if (match) return name ?? match[1] ?? '';
  }
  return null;
}
