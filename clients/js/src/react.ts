// React 19 to 17: a boundary, and the options of `createRoot`.

import { Component, type ErrorInfo, type ReactNode } from 'react';
import { captureException } from './api.js';

export interface ErrorBoundaryProps {
  children?: ReactNode;
  /** What stands in place of what failed; a function gets the error and a way to try again. */
  fallback?: ReactNode | ((error: unknown, reset: () => void) => ReactNode);
}

function report(error: unknown, info?: { componentStack?: string | null | undefined }): void {
  const component = info?.componentStack?.trim().split('\n')[0]?.replace(/^at | \(.*$|@.*$/g, '');
  captureException(error, {
    context: {
      componentStack: info?.componentStack ?? undefined,
      ...(component && { component }),
    },
  });
}

/** Reports what fails while its children render, and shows the fallback. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: unknown; has: boolean }> {
  override state = { error: undefined as unknown, has: false };

  static getDerivedStateFromError(error: unknown): { error: unknown; has: boolean } {
    return { error, has: true };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    report(error, info);
  }

  override render(): ReactNode {
    if (!this.state.has) return this.props.children;
    const { fallback = null } = this.props;
    const reset = (): void => this.setState({ error: undefined, has: false });
    return typeof fallback === 'function' ? fallback(this.state.error, reset) : fallback;
  }
}

/** `createRoot(element, reactErrorHandlers())`, since React 19. An error is reported once. */
export const reactErrorHandlers = () => ({
  onUncaughtError(error: unknown, info: { componentStack?: string | undefined }): void {
    report(error, info);
    console.error(error);
  },
  onCaughtError(error: unknown, info: { componentStack?: string | undefined }): void {
    report(error, info);
    console.error(error);
  },
  onRecoverableError(error: unknown, info: { componentStack?: string | undefined }): void {
    captureException(error, { level: 'warn', context: { componentStack: info.componentStack } });
  },
});
