// npm install log-center-0.1.0.tgz, made in clients/js of Log Center's repository, and first:
import { init, reportError } from 'log-center';

init({ url: 'http://localhost:8002', project: 'my_project', environment: 'production' });

// From here on what nobody catches is reported. What you catch, you report yourself:
try {
  JSON.parse('{');
} catch (error) {
  reportError(error, { order: 17 });
}
