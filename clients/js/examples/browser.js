// A page with a bundler, and axios.
import axios from 'axios';
import { init, setUser } from 'log-center';
import { watchAxios } from 'log-center/axios';

init({
  url: import.meta.env.VITE_LOG_CENTER_URL,
  project: 'browser_shop',
  environment: 'production',
  version: '3.1.0',
});
const api = watchAxios(axios.create({ baseURL: '/api', headers: { Authorization: 'Bearer abc' } }));

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

window.shop = {
  pay() {
    setUser({ id: 'ann' });
    total({});
  },
  async payLater() {
    await fetch('/api/gone');
  },
  load: (path) => api.get(path, { params: { page: 2 } }).catch(() => {}),
};
