// npm install log-center, and this where the program starts:
import { init, reportError } from 'log-center';

init({ url: 'http://localhost:8002', project: 'my_project', environment: 'production' });

// From here on what nobody catches is reported. What you catch, you report yourself:
try {
  JSON.parse('{');
} catch (error) {
  reportError(error, { order: 17 });
}
