// React 19; before it, the boundary alone.
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { init } from 'log-center';
import { ErrorBoundary, reactErrorHandlers } from 'log-center/react';

declare global {
  interface ImportMeta {
    env: { VITE_LOG_CENTER_URL: string };
  }
}
init({ url: import.meta.env.VITE_LOG_CENTER_URL, project: 'react_shop' });

interface Order {
  lines?: { price: number }[];
}
const total = (order: Order) => order.lines!.reduce((sum, line) => sum + line.price, 0);

function Cart({ order }: { order: Order }) {
  return <p>{total(order)}</p>;
}

function Shop() {
  const [order, setOrder] = useState<Order>({ lines: [] });
  return (
    <ErrorBoundary fallback={<p id="sorry">Something went wrong</p>}>
      <button onClick={() => setOrder({})}>Open</button>
      <Cart order={order} />
    </ErrorBoundary>
  );
}

createRoot(document.getElementById('app')!, reactErrorHandlers()).render(<Shop />);
