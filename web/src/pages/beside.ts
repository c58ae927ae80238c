/** Pages and the sheet of keys that a first visit seldom opens: one chunk, loaded when needed. */
export { default as EventsPage } from './EventsPage.svelte';
export { default as ProjectPage } from './ProjectPage.svelte';
export { default as ProjectsPage } from './ProjectsPage.svelte';
export { default as ReportPage } from './ReportPage.svelte';
export { default as SystemPage } from './SystemPage.svelte';
export { default as FirstRun } from '../parts/FirstRun.svelte';
export { default as HelpDialog } from '../parts/HelpDialog.svelte';
