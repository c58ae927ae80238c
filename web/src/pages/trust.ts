/** Who may what: pages that few open, in one chunk. */
export { default as TrustPage } from './TrustPage.svelte';
