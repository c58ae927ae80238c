// A cron job: its errors are reported under its name, with an id for everything it did.
import { addBreadcrumb, init, setTag, watch } from 'log-center';

init({ project: 'nightly' });

const invoices = watch('invoices', async (month) => {
  setTag('month', month);
  addBreadcrumb({ message: 'reading orders' });
  const orders = await Promise.resolve([{ id: 1 }]);
  return orders.map((order) => total(order));
});

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

await invoices('2026-11');
