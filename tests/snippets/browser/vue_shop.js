// A page whose component fails.
import { createApp, h } from 'vue';
import { logCenter } from './log-center.js';

const Cart = {
  name: 'ShopCart',
  render: () => h('p', JSON.parse('{').total), // RAISED HERE
};
const seen = [];
const app = createApp({ name: 'ShopPage', render: () => h('div', [h('b', 'page'), h(Cart)]) });
app.config.errorHandler = (error) => seen.push(error.name);
app.use(logCenter).mount(document.body);
document.title = `done ${seen}`;
