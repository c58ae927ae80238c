// Svelte 5.
import { mount } from 'svelte';
import { init } from 'log-center';
import Cart from './Cart.svelte';

init({ url: import.meta.env.VITE_LOG_CENTER_URL, project: 'svelte_shop' });
mount(Cart, { target: document.getElementById('app') });
