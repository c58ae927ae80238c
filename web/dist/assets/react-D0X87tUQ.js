var e={name:`react.tsx`,language:`tsx`,pieces:[[`c`,`// Save as src/log-center.tsx beside report-error.ts. In main.tsx, with React 19:
//   createRoot(element, rootOptions).render(<ErrorBoundary><App /></ErrorBoundary>);
`],[`k`,`import `],[``,`{ Component, `],[`k`,`type `],[``,`ErrorInfo, `],[`k`,`type `],[``,`ReactNode } `],[`k`,`from `],[`s`,`'react'`],[``,`;
`],[`k`,`import type `],[``,`{ RootOptions } `],[`k`,`from `],[`s`,`'react-dom/client'`],[``,`;
`],[`k`,`import `],[``,`{ reportError } `],[`k`,`from `],[`s`,`'./report-error'`],[``,`;

`],[`k`,`function `],[``,`report(error: unknown, info: { componentStack?: string | `],[`k`,`null `],[``,`}) {
  console.error(error);
  reportError(error, { componentStack: info.componentStack });
}

`],[`c`,`/** For createRoot of React 19: what no boundary caught, and what one of them did. */
`],[`k`,`export const`],[``,` rootOptions: RootOptions = { onUncaughtError: report, onCaughtError: report };

`],[`c`,"/** Shows `fallback` in place of what failed; with React 18 and older it also reports. */\n"],[`k`,`export class `],[``,`ErrorBoundary `],[`k`,`extends `],[``,`Component<
  { children: ReactNode; fallback?: ReactNode },
  { failed: boolean }
> {
  override state = { failed: `],[`k`,`false `],[``,`};

  `],[`k`,`static `],[``,`getDerivedStateFromError() {
    `],[`k`,`return `],[``,`{ failed: `],[`k`,`true `],[``,`};
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    `],[`c`,`// The same error is reported once, however many handlers see it.
    `],[``,`reportError(error, { componentStack: info.componentStack });
  }

  override render() {
    `],[`k`,`const `],[``,`{ children, fallback = <p>Something went wrong.</p> } = `],[`k`,`this`],[``,`.props;
    `],[`k`,`return this`],[``,`.state.failed ? fallback : children;
  }
}`]]};export{e as t};