// `node --import`: lets an example meet another version of its framework.
// LOG_CENTER_TEST_ALIAS is `name=other,…`; LOG_CENTER_TEST_FOLDER a folder to take packages from.
import { register } from 'node:module';

register('./versions-hooks.mjs', import.meta.url);
