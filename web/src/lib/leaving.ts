/** Ends the session, and leaves for the page of those who are not logged in. */
import { refusalText } from './refusal';
import { say } from './toasts.svelte';
import { trustApi } from './trustapi';
import { t } from './words.svelte';

export async function logOut(): Promise<void> {
  try {
    await trustApi.logOut();
    location.assign('/login');
  } catch (error) {
    say(refusalText(error, t), 'bad');
  }
}
