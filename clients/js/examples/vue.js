// Vue 3.
import { createApp, h } from 'vue';
import { init } from 'log-center';
import { logCenterVue } from 'log-center/vue';

init({ url: import.meta.env.VITE_LOG_CENTER_URL, project: 'vue_shop' });

const total = (order) => order.lines.reduce((sum, line) => sum + line.price, 0);

const Cart = {
  name: 'Cart',
  render: () => h('button', { onClick: () => total({}) }, 'Open'),
};

createApp(Cart).use(logCenterVue).mount('#app');
