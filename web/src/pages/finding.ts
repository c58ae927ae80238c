/** What helps to find and to act, loaded once the first page is on the screen. */
export { default as AccountMenu } from '../parts/AccountMenu.svelte';
export { default as Completions } from '../parts/Completions.svelte';
export { default as IssueDialogs } from '../parts/IssueDialogs.svelte';
export { default as ListChart } from '../parts/ListChart.svelte';
export { default as NoticeText } from '../parts/NoticeText.svelte';
export { default as Palette } from '../parts/Palette.svelte';
export { default as RangeMenu } from '../parts/RangeMenu.svelte';
export { default as SearchFault } from '../parts/SearchFault.svelte';
export { default as VersionSelect } from '../parts/VersionSelect.svelte';
export { default as ViewsMenu } from '../parts/ViewsMenu.svelte';
