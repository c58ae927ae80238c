/** What the build makes of files that are no scripts. */
declare module '*?snippet' {
  const snippet: import('./lib/fill').Snippet;
  export default snippet;
}

declare module '*.md' {
  export const headings: import('./guide/texts').Text['headings'];
  const page: import('./guide/texts').Text['default'];
  export default page;
}
