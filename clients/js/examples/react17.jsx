// React 17, which has no options for errors: the boundary, and what the page reports by itself.
import { useState } from 'react';
import { render } from 'react-dom';
import { init } from 'log-center';
import { ErrorBoundary } from 'log-center/react';

init({ url: import.meta.env.VITE_LOG_CENTER_URL, project: 'react17_shop' });

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

function Cart({ order }) {
  return <p>{total(order)}</p>;
}

function Shop() {
  const [order, setOrder] = useState({ lines: [] });
  return (
    <ErrorBoundary fallback={<p id="sorry">Something went wrong</p>}>
      <button onClick={() => setOrder({})}>Open</button>
      <Cart order={order} />
    </ErrorBoundary>
  );
}

render(<Shop />, document.getElementById('app'));
