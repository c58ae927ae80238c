// Save as src/log-center.tsx beside report-error.ts. In main.tsx, with React 19:
//   createRoot(element, rootOptions).render(<ErrorBoundary><App /></ErrorBoundary>);
import { Component, type ErrorInfo, type ReactNode } from 'react';
import type { RootOptions } from 'react-dom/client';
import { reportError } from './report-error';

function report(error: unknown, info: { componentStack?: string | null }) {
  console.error(error);
  reportError(error, { componentStack: info.componentStack });
}

/** For createRoot of React 19: what no boundary caught, and what one of them did. */
export const rootOptions: RootOptions = { onUncaughtError: report, onCaughtError: report };

/** Shows `fallback` in place of what failed; with React 18 and older it also reports. */
export class ErrorBoundary extends Component<
  { children: ReactNode; fallback?: ReactNode },
  { failed: boolean }
> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    // The same error is reported once, however many handlers see it.
    reportError(error, { componentStack: info.componentStack });
  }

  override render() {
    const { children, fallback = <p>Something went wrong.</p> } = this.props;
    return this.state.failed ? fallback : children;
  }
}
