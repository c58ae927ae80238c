// A page whose components fail, within a boundary and outside of any.
import { createRoot } from 'react-dom/client';
import { ErrorBoundary, rootOptions } from './log-center';

function Cart({ order }: { order: string }) {
  return <p>{JSON.parse(order).total}</p>; // RAISED HERE
}

function Bill(): never {
  throw new RangeError('no bill'); // UNCAUGHT HERE
}

function root(id: string) {
  const element = document.createElement('div');
  element.id = id;
  document.body.append(element);
  return createRoot(element, rootOptions);
}

root('cart').render(<ErrorBoundary fallback={<b>no cart</b>}><Cart order="{" /></ErrorBoundary>);
root('plain').render(<ErrorBoundary><Cart order="[" /></ErrorBoundary>);
root('bill').render(<Bill />);
setTimeout(() => { document.title = 'done'; }, 200);
